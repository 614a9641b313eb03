namespace Portico.Proxy.Services;

internal static class Protocols
{
    /// <param name="text">Null is TCP, as in the API.</param>
    public static bool TryParse(string? text, out TransportProtocol protocol)
    {
        TransportProtocol? known = text switch
        {
            null or "" or "TCP" => TransportProtocol.Tcp,
            "UDP" => TransportProtocol.Udp,
            "SCTP" => TransportProtocol.Sctp,
            _ => null,
        };
        protocol = known ?? default;
        return known is not null;
    }
}
