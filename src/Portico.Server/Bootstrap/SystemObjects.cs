using System.Net;
using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Server.Bootstrap;

/// <summary>The objects that are there before anybody writes one.</summary>
internal static class SystemObjects
{
    private const string Name = "kubernetes";

    public static IEnumerable<(ResourceKind Kind, JsonObject Object)> All(IPEndPoint advertised, string clusterIp)
    {
        foreach (var name in Admission.NamespaceLifecycle.System)
        {
            yield return (KnownKinds.Namespaces.Resource, new() { ["metadata"] = new JsonObject { ["name"] = name } });
        }

        yield return (KnownKinds.Services.Resource, Service(advertised, clusterIp));
        yield return (KnownKinds.Endpoints.Resource, Endpoints(advertised));
        yield return (KnownKinds.EndpointSlices.Resource, EndpointSlice(advertised));
    }

    private static JsonObject Metadata(string label, string value) => new()
    {
        ["name"] = Name,
        ["namespace"] = "default",
        ["labels"] = new JsonObject { [label] = value },
    };

    private static JsonObject Port(IPEndPoint advertised) => new() { ["name"] = "https", ["port"] = advertised.Port, ["protocol"] = "TCP" };

    private static JsonObject Service(IPEndPoint advertised, string clusterIp)
    {
        var metadata = Metadata("component", "apiserver");
        metadata["labels"]!["provider"] = "kubernetes";
        return new()
        {
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["type"] = "ClusterIP",
                ["clusterIP"] = clusterIp,
                ["clusterIPs"] = new JsonArray(clusterIp),
                ["ports"] = new JsonArray(
                    new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = advertised.Port }),
            },
        };
    }

    // skip-mirror: the slice is written here as well.
    private static JsonObject Endpoints(IPEndPoint advertised) => new()
    {
        ["metadata"] = Metadata("endpointslice.kubernetes.io/skip-mirror", "true"),
        ["subsets"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray(new JsonObject { ["ip"] = advertised.Address.ToString() }),
            ["ports"] = new JsonArray(Port(advertised)),
        }),
    };

    private static JsonObject EndpointSlice(IPEndPoint advertised) => new()
    {
        ["metadata"] = Metadata("kubernetes.io/service-name", Name),
        ["addressType"] = "IPv4",
        ["endpoints"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray(advertised.Address.ToString()),
            ["conditions"] = new JsonObject { ["ready"] = true },
        }),
        ["ports"] = new JsonArray(Port(advertised)),
    };
}
