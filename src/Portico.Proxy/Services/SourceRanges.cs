using System.Net;
using System.Net.Sockets;

namespace Portico.Proxy.Services;

/// <summary>loadBalancerSourceRanges → disjoint networks.</summary>
internal static class SourceRanges
{
    /// <returns>Null: everybody is allowed. Empty: nobody, because nothing that was written can be read.</returns>
    public static ValueList<IPNetwork>? Compile(IReadOnlyList<string> ranges, AddressFamily family, List<string> problems)
    {
        var networks = new List<IPNetwork>();
        var closed = false;
        foreach (var range in ranges)
        {
            if (!IPNetwork.TryParse(range.Trim(), out var network))
            {
                problems.Add($"spec.loadBalancerSourceRanges: '{range}' is no CIDR; it allows nobody");
                closed = true;
            }
            else if (network.BaseAddress.AddressFamily == family)
            {
                if (network.PrefixLength == 0)
                {
                    return null;
                }

                networks.Add(network);
            }
        }

        return networks.Count == 0 && !closed ? default(ValueList<IPNetwork>?) : Disjoint(networks);
    }

    /// <summary>Drops networks inside others: an interval set refuses overlaps.</summary>
    public static ValueList<IPNetwork> Disjoint(List<IPNetwork> networks)
    {
        networks.Sort(static (left, right) => left.PrefixLength.CompareTo(right.PrefixLength));
        var disjoint = new List<IPNetwork>();
        foreach (var network in networks)
        {
            if (!Contains(disjoint, network.BaseAddress))
            {
                disjoint.Add(network);
            }
        }

        return disjoint;
    }

    public static bool Contains(IEnumerable<IPNetwork> networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
