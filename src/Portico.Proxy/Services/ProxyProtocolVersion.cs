namespace Portico.Proxy.Services;

/// <summary>The header that tells an endpoint who its client is (HAProxy's proxy-protocol.txt).</summary>
public enum ProxyProtocolVersion
{
    None,
    V1,
    V2,
}
