namespace Portico.Gateway.Routing;

/// <summary>Reads what clients send as a host: a Host header or an SNI name.</summary>
internal static class HostName
{
    /// <summary>Cuts the port and a trailing dot; brackets of an IPv6 address stay.</summary>
    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        var end = host.Length;
        if (host.Length > 0 && host[0] == '[')
        {
            var bracket = host.IndexOf(']');
            end = bracket < 0 ? end : bracket + 1;
        }
        else if (host.IndexOf(':') is >= 0 and var colon)
        {
            end = colon;
        }

        host = host[..end];
        return host.Length > 1 && host[^1] == '.' ? host[..^1] : host;
    }

    /// <summary>".example.com" of "a.example.com"; empty when there is no label before the first dot.</summary>
    public static ReadOnlySpan<char> Suffix(ReadOnlySpan<char> host)
    {
        var dot = host.IndexOf('.');
        return dot > 0 ? host[dot..] : default;
    }
}
