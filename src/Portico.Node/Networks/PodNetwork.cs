using System.Net;
using Portico.Net.Namespaces;
using Portico.Net.Processes;

namespace Portico.Node.Networks;

/// <summary>
/// Joins a pod's namespace to the node by a veth pair. Both sides know the other's hardware address, so no packet ever waits for ARP.
/// </summary>
internal sealed class PodNetwork(NodeSpace node, string clusterName, IPAddress nodeAddress)
{
    // Link-local, the same in every pod: it is only a name for "through eth0".
    private const string Gateway = "169.254.1.1";
    private const string NodeSideMac = "ee:ee:ee:ee:ee:ee";

    public NetworkNamespace NamespaceOf(string id) => new($"portico-{clusterName}-pod-{id}");

    public static string InterfaceOf(string id) => $"p-{id}";

    /// <summary>Makes namespace and addresses; what is left of an earlier attempt is replaced.</summary>
    public async Task CreateAsync(string id, IPAddress address, CancellationToken cancellationToken)
    {
        await RemoveAsync(id, cancellationToken);
        var network = NetworkNamespace.Create(NamespaceOf(id).Name);
        var (name, mac) = (InterfaceOf(id), MacOf(address));
        var nodeSide = $"""
            link add {name} address {NodeSideMac} type veth peer name eth0 address {mac} netns {network.Name}
            link set {name} up
            route replace {address}/32 dev {name} scope link src {nodeAddress}
            neigh replace {address} lladdr {mac} dev {name} nud permanent

            """;
        var podSide = $"""
            link set lo up
            addr add {address}/32 dev eth0
            link set eth0 up
            route add {Gateway} dev eth0 scope link src {address}
            route add default via {Gateway} dev eth0 src {address}
            neigh replace {Gateway} lladdr {NodeSideMac} dev eth0 nud permanent

            """;
        await node.RunAsync("ip", ["-batch", "-"], nodeSide, $"pod network {id}: node side", cancellationToken);
        (await Command.RunInAsync(network, "ip", ["-batch", "-"], podSide, cancellationToken)).OrThrow($"pod network {id}: pod side");
    }

    /// <summary>Nothing happens when there is none.</summary>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var network = NamespaceOf(id);
        if (network.Exists)
        {
            // The interface would go with the namespace, but only some time after the last socket in it; its route must go now.
            await node.TryRunAsync("ip", ["link", "del", InterfaceOf(id)], cancellationToken);
            network.Delete();
        }
    }

    // 0a:58 and the address, as the container network plug-ins do: unique among the pods, and local.
    private static string MacOf(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return $"0a:58:{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}";
    }
}
