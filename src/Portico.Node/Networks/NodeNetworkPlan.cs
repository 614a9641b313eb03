using System.Collections.Immutable;
using System.Net;
using System.Text;
using NodeObject = Portico.Api.Objects.Node;

namespace Portico.Node.Networks;

/// <summary>Routes to the other nodes' pods, and the addresses that see a pod's own address.</summary>
internal sealed record NodeNetworkPlan
{
    /// <summary>The other nodes' pod networks and the node that has each.</summary>
    public ImmutableSortedDictionary<string, string> Routes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>This node's own pod network.</summary>
    public required string PodNetwork { get; init; }

    /// <summary>Every node's address and pod network: what goes there is not masqueraded.</summary>
    public ImmutableSortedSet<string> ClusterNetworks { get; init; } = [];

    public static NodeNetworkPlan? Compile(string nodeName, IEnumerable<NodeObject> nodes)
    {
        string? own = null;
        var routes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var networks = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var address = node.Status.Addresses.FirstOrDefault(entry => entry.Type == "InternalIP")?.Address;
            if (address is null || !IPAddress.TryParse(address, out _) || !IPNetwork.TryParse(node.Spec.PodCIDR, out var pods))
            {
                continue;
            }

            networks.Add(address);
            networks.Add(pods.ToString());
            if (node.Metadata.Name == nodeName)
            {
                own = pods.ToString();
            }
            else
            {
                routes[pods.ToString()] = address;
            }
        }

        return own is null ? null : new() { PodNetwork = own, Routes = routes.ToImmutable(), ClusterNetworks = networks.ToImmutable() };
    }

    /// <summary>Input of <c>nft -f -</c>: replaces the whole table in one transaction.</summary>
    public string Nftables() => $$"""
        add table ip portico-node
        delete table ip portico-node
        table ip portico-node {
          comment "pods of this node that talk to hosts outside the cluster do so from the node's address"
          set cluster {
            type ipv4_addr
            flags interval
            elements = { {{string.Join(", ", ClusterNetworks)}} }
          }
          chain postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            ip saddr {{PodNetwork}} ip daddr != @cluster masquerade
          }
        }

        """;

    /// <summary>Input of <c>ip -batch</c>: what <paramref name="before"/> had and this has not goes, the rest is set.</summary>
    public string RouteCommands(NodeNetworkPlan? before)
    {
        var commands = new StringBuilder();
        foreach (var network in before?.Routes.Keys.Where(network => !Routes.ContainsKey(network)) ?? [])
        {
            commands.Append("route del ").Append(network).Append('\n');
        }

        foreach (var (network, node) in Routes)
        {
            commands.Append("route replace ").Append(network).Append(" via ").Append(node).Append('\n');
        }

        return commands.ToString();
    }

    public bool Equals(NodeNetworkPlan? other) =>
        other is not null && PodNetwork == other.PodNetwork && ClusterNetworks.SetEquals(other.ClusterNetworks) && Routes.SequenceEqual(other.Routes);

    public override int GetHashCode() => PodNetwork.GetHashCode(StringComparison.Ordinal);
}
