using System.Net;

namespace Portico.Gateway.Dataplane;

/// <summary>What is true of a client's connection for all of its requests; made once, so that a request formats nothing.</summary>
internal sealed class ConnectionFacts(ListenerRole role, IPAddress? peer, int port)
{
    public ListenerRole Role { get; } = role;

    /// <summary>The client's address as text; IPv4 also when the socket is IPv6.</summary>
    public string Peer { get; } = peer is null ? "" : (peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer).ToString();

    public string Scheme { get; } = role == ListenerRole.Https ? "https" : "http";

    /// <summary>The listener's port, as clients know it.</summary>
    public string Port { get; } = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
