using Portico.Api.Objects;

namespace Portico.Addresses.Tests.Announcements;

/// <summary>Nodes and slices as tests need them.</summary>
internal static class Cluster
{
    public static Node Node(string name, string ready = "True") => new()
    {
        Metadata = new() { Name = name, Uid = $"uid-{name}", ResourceVersion = "1" },
        Status = new() { Conditions = [new() { Type = "Ready", Status = ready }] },
    };

    public static EndpointSlice Slice(string service, params Endpoint[] endpoints) => new()
    {
        Metadata = new()
        {
            Name = $"{service}-1",
            Namespace = "shop",
            Uid = $"uid-slice-{service}",
            ResourceVersion = "1",
            Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = service },
        },
        AddressType = "IPv4",
        Endpoints = endpoints,
    };

    public static Endpoint Ready(string node) => Endpoint(node, true, true);

    public static Endpoint Ending(string node) => Endpoint(node, false, true);

    public static Endpoint NotReady(string node) => Endpoint(node, false, false);

    private static Endpoint Endpoint(string node, bool ready, bool serving) => new()
    {
        Addresses = ["10.244.0.9"],
        NodeName = node,
        Conditions = new() { Ready = ready, Serving = serving, Terminating = serving && !ready },
    };
}
