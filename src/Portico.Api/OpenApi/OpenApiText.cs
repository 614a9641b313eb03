using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portico.Api.OpenApi;

/// <summary>Small parts that both documents share.</summary>
internal static class OpenApiText
{
    public static JsonObject Info() => new() { ["title"] = "Kubernetes", ["version"] = "v1.32.0" };

    /// <summary>"api/v1" or "apis/apps/v1".</summary>
    public static string Path(string groupVersion) => groupVersion.Contains('/', StringComparison.Ordinal) ? $"apis/{groupVersion}" : $"api/{groupVersion}";

    public static JsonObject Reference(string definition, OpenApiDialect dialect) =>
        new() { ["$ref"] = (dialect == OpenApiDialect.V2 ? "#/definitions/" : "#/components/schemas/") + definition };

    public static JsonObject GroupVersionKind(string group, string version, string kind) =>
        new() { ["group"] = group, ["kind"] = kind, ["version"] = version };

    public static byte[] Utf8(JsonObject document)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            document.WriteTo(writer);
        }

        return buffer.ToArray();
    }
}
