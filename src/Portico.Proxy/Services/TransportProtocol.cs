namespace Portico.Proxy.Services;

/// <summary>Protocols of a Service port; the values are IPPROTO_*.</summary>
public enum TransportProtocol : byte
{
    Tcp = 6,
    Udp = 17,
    Sctp = 132,
}
