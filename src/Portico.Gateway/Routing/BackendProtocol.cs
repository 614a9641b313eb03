namespace Portico.Gateway.Routing;

/// <summary>How a backend's endpoints are spoken to.</summary>
internal enum BackendProtocol
{
    /// <summary>HTTP/1.1; gRPC requests go as <see cref="H2c"/>.</summary>
    Http,

    /// <summary>HTTP/2 on clear text, without upgrade.</summary>
    H2c,

    /// <summary>HTTP/1.1 or HTTP/2 by ALPN on TLS, the endpoint's certificate not verified.</summary>
    HttpsUnverified,
}
