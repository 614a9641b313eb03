using System.Globalization;
using System.Net;
using Portico.Api.Objects;

namespace Portico.Controllers.Nodes;

/// <summary>Which part of the pod network a node gets.</summary>
internal static class NodeNetworks
{
    /// <summary>
    /// A free network for the node: the Nth for a name that ends in N (node2 gets 10.244.2.0/24), else the first from the second on.
    /// Null when none is free.
    /// </summary>
    public static IPNetwork? Choose(Node node, IEnumerable<Node> nodes, IPNetwork all, int prefixLength)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var other in nodes)
        {
            foreach (var network in other.Spec.PodCIDRs)
            {
                taken.Add(network);
            }

            taken.Add(other.Spec.PodCIDR ?? "");
        }

        var count = 1L << Math.Min(30, prefixLength - all.PrefixLength);
        if (Ordinal(node.Metadata.Name) is { } preferred && preferred < count && !taken.Contains(Nth(all, prefixLength, preferred).ToString()))
        {
            return Nth(all, prefixLength, preferred);
        }

        // The first one last: 10.244.0.0/24 is what people use for other things.
        for (var i = 1L; i <= count; i++)
        {
            var candidate = Nth(all, prefixLength, i % count);
            if (!taken.Contains(candidate.ToString()))
            {
                return candidate;
            }
        }

        return null;
    }

    private static long? Ordinal(string name)
    {
        var digits = name.Length;
        while (digits > 0 && char.IsAsciiDigit(name[digits - 1]))
        {
            digits--;
        }

        return long.TryParse(name.AsSpan(digits), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : null;
    }

    private static IPNetwork Nth(IPNetwork all, int prefixLength, long index)
    {
        var bytes = all.BaseAddress.GetAddressBytes();
        var bits = bytes.Length * 8;
        var address = new System.Numerics.BigInteger(bytes, isUnsigned: true, isBigEndian: true) + (new System.Numerics.BigInteger(index) << (bits - prefixLength));
        var raw = address.ToByteArray(isUnsigned: true, isBigEndian: true);
        var full = new byte[bytes.Length];
        raw.CopyTo(full, full.Length - raw.Length);
        return new(new IPAddress(full), prefixLength);
    }
}
