using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;

namespace Portico.Proxy.Nodes;

/// <summary>What the service proxy has to know of its node, and what may not change while it runs.</summary>
public sealed record NodeIdentity
{
    private static readonly string[] TypesInOrder = ["InternalIP", "ExternalIP"];

    private NodeIdentity(AddressFamily primary, IPAddress? ipv4, IPAddress? ipv6) => (PrimaryFamily, IPv4, IPv6) = (primary, ipv4, ipv6);

    public AddressFamily PrimaryFamily { get; }

    public IPAddress? IPv4 { get; }

    public IPAddress? IPv6 { get; }

    public IPAddress? this[AddressFamily family] => family == AddressFamily.InterNetworkV6 ? IPv6 : IPv4;

    public override string ToString() => string.Join(',', new[] { IPv4, IPv6 }.Where(static address => address is not null));

    /// <summary>The first address of each family, internal ones first. The node's first address, or <paramref name="bind"/>, decides the primary family.</summary>
    /// <param name="node">Null: not known.</param>
    /// <param name="bind">Overrides the node's address of its family, unless it is 0.0.0.0 or [::].</param>
    public static NodeIdentity Of(Node? node, IPAddress bind)
    {
        var addresses = new List<IPAddress>();
        foreach (var type in TypesInOrder)
        {
            foreach (var entry in node?.Status.Addresses ?? [])
            {
                if (entry.Type == type && IPAddress.TryParse(entry.Address, out var address))
                {
                    addresses.Add(address);
                }
            }
        }

        if (!bind.Equals(IPAddress.Any) && !bind.Equals(IPAddress.IPv6Any))
        {
            addresses.Insert(0, bind);
        }

        return new(
            addresses.Count > 0 ? addresses[0].AddressFamily : bind.AddressFamily,
            addresses.Find(static address => address.AddressFamily == AddressFamily.InterNetwork),
            addresses.Find(static address => address.AddressFamily == AddressFamily.InterNetworkV6));
    }
}
