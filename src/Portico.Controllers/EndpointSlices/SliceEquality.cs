using System.Text;
using Portico.Api.Objects;

namespace Portico.Controllers.EndpointSlices;

/// <summary>When two endpoints, or port lists, or label sets are the same. Lists in records compare by reference, so it is spelled out.</summary>
internal static class SliceEquality
{
    /// <summary>The same backend, whatever its state: it keeps its place in its slice.</summary>
    public static string Identity(Endpoint endpoint) => $"{endpoint.TargetRef?.Uid}|{Address(endpoint)}";

    public static bool AreEqual(Endpoint left, Endpoint right) =>
        Address(left) == Address(right) && left.Addresses.Count == right.Addresses.Count && left.Conditions == right.Conditions && left.Hostname == right.Hostname
        && left.NodeName == right.NodeName && left.Zone == right.Zone && left.TargetRef == right.TargetRef && AreEqual(left.Hints, right.Hints);

    /// <summary>A key that is equal exactly when the port lists are, in any order.</summary>
    public static string PortKey(IReadOnlyList<EndpointPort> ports)
    {
        var parts = new string[ports.Count];
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            parts[i] = $"{port.Name}:{port.Protocol ?? "TCP"}:{port.Port}:{port.AppProtocol}";
        }

        Array.Sort(parts, StringComparer.Ordinal);
        return new StringBuilder().AppendJoin('|', parts).ToString();
    }

    public static bool AreEqual(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var (name, value) in left)
        {
            if (!right.TryGetValue(name, out var other) || other != value)
            {
                return false;
            }
        }

        return true;
    }

    private static string Address(Endpoint endpoint) => endpoint.Addresses.Count > 0 ? endpoint.Addresses[0] : "";

    private static bool AreEqual(EndpointHints? left, EndpointHints? right) =>
        (left?.ForZones ?? []).SequenceEqual(right?.ForZones ?? []) && (left?.ForNodes ?? []).SequenceEqual(right?.ForNodes ?? []);
}
