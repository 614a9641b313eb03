using System.Net;

namespace Portico.Proxy.Services;

/// <summary>An address and port at which a Service is reached.</summary>
public sealed record FrontendKey(IPAddress Address, TransportProtocol Protocol, ushort Port)
{
    public override string ToString() => $"{new IPEndPoint(Address, Port)}/{Protocol.ToString().ToLowerInvariant()}";
}
