using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Api.OpenApi;

/// <summary>OpenAPI 3.0 documents, one for each group and version, as <c>/openapi/v3</c> serves them.</summary>
public static class OpenApiV3
{
    /// <summary>The document of a group and version, as UTF-8 JSON.</summary>
    /// <param name="groupVersion">"v1" or "apps/v1".</param>
    /// <param name="kinds">Every kind that is served; those of other groups are left out.</param>
    public static byte[] Document(string groupVersion, IEnumerable<ResourceKind> kinds)
    {
        var served = kinds.Where(kind => kind.ApiVersion == groupVersion).ToList();
        return OpenApiText.Utf8(new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = OpenApiText.Info(),
            ["paths"] = OpenApiPaths.Of(served, OpenApiDialect.V3),
            ["components"] = new JsonObject { ["schemas"] = OpenApiDefinitions.Of(served, OpenApiDialect.V3) },
        });
    }

    /// <summary>What <c>/openapi/v3</c> itself answers: where each document is; the hash lets clients cache it for ever.</summary>
    /// <param name="hashes">By group and version ("apps/v1"), a hash of the document.</param>
    public static byte[] Index(IEnumerable<KeyValuePair<string, string>> hashes)
    {
        var paths = new JsonObject();
        foreach (var (groupVersion, hash) in hashes)
        {
            var path = OpenApiText.Path(groupVersion);
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={hash}" };
        }

        return OpenApiText.Utf8(new JsonObject { ["paths"] = paths });
    }
}
