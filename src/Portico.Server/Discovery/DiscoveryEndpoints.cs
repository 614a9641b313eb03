using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portico.Api.OpenApi;
using Portico.Server.Answers;
using Portico.Server.Store;

namespace Portico.Server.Discovery;

/// <summary>Answers everything that tells clients what is served. Documents are made when they are first asked for.</summary>
internal sealed class DiscoveryEndpoints(ApiServerOptions options)
{
    private const string JsonType = "application/json";

    private readonly ConcurrentDictionary<string, (byte[] Body, string Type)> _documents = new();

    /// <summary><c>/version</c>: of the Kubernetes API that is compatible.</summary>
    public static Answer Version() => Answer.Json(new JsonObject
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["gitVersion"] = "v1.34.0+portico",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "dotnet",
        ["platform"] = $"linux/{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant().Replace("x64", "amd64", StringComparison.Ordinal)}",
    });

    /// <summary>Null when the path is none of discovery.</summary>
    public Answer? Find(HttpContext context)
    {
        var path = context.Request.Path.Value!.TrimEnd('/');
        var parts = path.Split('/');
        var accept = context.Request.Headers.Accept.ToString();
        switch (parts)
        {
            case ["", "api" or "apis"] when AggregatedDiscovery.Requested(accept) is { } version:
                return Cached(
                    $"{path} {version}", AggregatedDiscovery.ContentType(version), () => RawJson.Bytes(AggregatedDiscovery.Document(parts[1] == "api", version)));
            case ["", "api"]:
                return Answer.Json(DiscoveryDocuments.Versions(options.AdvertisedEndPoint.ToString()));
            case ["", "apis"]:
                return Answer.Json(DiscoveryDocuments.Groups());
            case ["", "apis", { Length: > 0 } group] when ServedGroups.Groups.Any(one => one.Group == group):
                return Answer.Json(DiscoveryDocuments.Group(group));
            case ["", "api", "v1"]:
                return Cached(path, JsonType, static () => RawJson.Bytes(DiscoveryDocuments.Resources("", "v1")));
            case ["", "apis", { Length: > 0 } group, var version] when ServedGroups.Groups.Contains((group, version)):
                return Cached(path, JsonType, () => RawJson.Bytes(DiscoveryDocuments.Resources(group, version)));
            case ["", "openapi", "v2"] when accept.Contains("proto-openapi", StringComparison.Ordinal):
                return Cached("v2 protobuf", OpenApiV2.ProtobufMediaType, static () => OpenApiV2.Protobuf(ServedGroups.All));
            case ["", "openapi", "v2"]:
                return Cached(path, JsonType, static () => OpenApiV2.Json(ServedGroups.All));
            case ["", "openapi", "v3"]:
                return Cached(path, JsonType, Index);
            case ["", "openapi", "v3", "api", "v1"]:
                return Cached(path, JsonType, static () => OpenApiV3.Document("v1", ServedGroups.All));
            case ["", "openapi", "v3", "apis", var group, var version] when ServedGroups.Groups.Contains((group, version)):
                return Cached(path, JsonType, () => OpenApiV3.Document($"{group}/{version}", ServedGroups.All));
            default:
                return null;
        }
    }

    private static byte[] Index() => OpenApiV3.Index(ServedGroups.Groups.Select(static one =>
    {
        var name = one.Group.Length == 0 ? one.Version : $"{one.Group}/{one.Version}";
        var hash = Convert.ToHexString(SHA256.HashData(OpenApiV3.Document(name, ServedGroups.All)));
        return KeyValuePair.Create(name, hash);
    }));

    private Answer Cached(string key, string type, Func<byte[]> make)
    {
        var (body, contentType) = _documents.GetOrAdd(key, static (_, arguments) => (arguments.make(), arguments.type), (make, type));
        return Answer.Typed(body, contentType);
    }
}
