using System.Net;
using Portico.Api.Objects;

namespace Portico.Proxy.Services;

/// <summary>Slices → endpoints of one port.</summary>
internal static class EndpointCollector
{
    private const string HeadlessLabel = "service.kubernetes.io/headless"; // core/v1 IsHeadlessService: upstream's proxies do not watch these slices

    /// <returns>Without duplicates, in ascending order of address and port, so that the same state always compiles to the same plan.</returns>
    public static List<PortEndpoint> Collect(
        IEnumerable<EndpointSlice> slices, string portName, TransportProtocol protocol, CompileContext context)
    {
        var found = new Dictionary<(IPAddress, ushort), PortEndpoint>();
        var addressType = context.Family == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";
        foreach (var slice in slices)
        {
            if (slice.AddressType != addressType || slice.Metadata.Labels.ContainsKey(HeadlessLabel) || PortOf(slice, portName, protocol) is not { } port)
            {
                continue;
            }

            foreach (var endpoint in slice.Endpoints)
            {
                // Upstream: only the first address of an endpoint is used.
                if (endpoint.Addresses.Count == 0 || !IPAddress.TryParse(endpoint.Addresses[0], out var address) || address.AddressFamily != context.Family)
                {
                    continue;
                }

                var made = Make(endpoint, new(address, port, endpoint.NodeName == context.NodeName));
                if (!found.TryGetValue((address, port), out var other) || (other.Terminating && !made.Terminating))
                {
                    found[(address, port)] = made;
                }
            }
        }

        var endpoints = new List<PortEndpoint>(found.Values);
        endpoints.Sort(static (left, right) => Compare(left.Address, right.Address));
        return endpoints;
    }

    private static PortEndpoint Make(Endpoint endpoint, EndpointAddress address)
    {
        var ready = endpoint.Conditions.Ready ?? true;
        return new(address, ready, endpoint.Conditions.Serving ?? ready, endpoint.Conditions.Terminating ?? false, endpoint.Hints);
    }

    private static ushort? PortOf(EndpointSlice slice, string name, TransportProtocol protocol)
    {
        foreach (var port in slice.Ports)
        {
            // As upstream, a port without a name is ignored: API servers write "" for the unnamed one.
            if (port.Name == name && port.Port is > 0 and <= ushort.MaxValue and var number && Protocols.TryParse(port.Protocol, out var its) && its == protocol)
            {
                return (ushort)number;
            }
        }

        return null;
    }

    private static int Compare(EndpointAddress left, EndpointAddress right)
    {
        Span<byte> leftBytes = stackalloc byte[16];
        Span<byte> rightBytes = stackalloc byte[16];
        left.Address.TryWriteBytes(leftBytes, out var leftLength);
        right.Address.TryWriteBytes(rightBytes, out var rightLength);
        var order = leftBytes[..leftLength].SequenceCompareTo(rightBytes[..rightLength]);
        return order != 0 ? order : left.Port.CompareTo(right.Port);
    }
}
