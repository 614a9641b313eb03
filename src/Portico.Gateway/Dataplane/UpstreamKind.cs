namespace Portico.Gateway.Dataplane;

/// <summary>How one request is sent on.</summary>
internal enum UpstreamKind
{
    /// <summary>HTTP/1.1.</summary>
    Http,

    /// <summary>HTTP/2 on clear text.</summary>
    H2c,

    /// <summary>HTTP/2 on clear text, silent for long.</summary>
    Grpc,

    /// <summary>Upgrade on HTTP/1.1, silent for long.</summary>
    WebSocket,

    /// <summary>TLS, HTTP/2 if the endpoint offers it.</summary>
    Tls,
}
