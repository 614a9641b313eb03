using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Api.OpenApi;

/// <summary>The one OpenAPI 2.0 document of <c>/openapi/v2</c>, which kubectl up to 1.26 and some tools still read.</summary>
public static class OpenApiV2
{
    /// <summary>
    /// Content-Type of <see cref="Protobuf"/>. Clients ask with "@v1.0", but as an answer that is no media type and Go refuses it
    /// (kube-openapi pkg/handler).
    /// </summary>
    public const string ProtobufMediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static byte[] Json(IEnumerable<ResourceKind> kinds) => OpenApiText.Utf8(Document([.. kinds]));

    /// <summary>The same document as gnostic's openapi.v2.Document message.</summary>
    public static byte[] Protobuf(IEnumerable<ResourceKind> kinds) => GnosticWriter.Write(Document([.. kinds]));

    private static JsonObject Document(IReadOnlyList<ResourceKind> kinds) => new()
    {
        ["swagger"] = "2.0",
        ["info"] = OpenApiText.Info(),
        ["paths"] = OpenApiPaths.Of(kinds, OpenApiDialect.V2),
        ["definitions"] = OpenApiDefinitions.Of(kinds, OpenApiDialect.V2),
    };
}
