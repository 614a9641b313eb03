using System.Net;

namespace Portico.Proxy.Services;

/// <summary>Where a connection can be sent.</summary>
/// <param name="IsLocal">The pod runs on this node.</param>
public sealed record EndpointAddress(IPAddress Address, ushort Port, bool IsLocal)
{
    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}
