using System.Net;
using System.Net.Security;

namespace Portico.Gateway.Dataplane;

/// <summary>Connections to endpoints, shared by all requests; idle ones to endpoints that are gone age out.</summary>
internal sealed class UpstreamPool(TimeSpan connectTimeout) : IDisposable
{
    private readonly HttpMessageInvoker _clear = new(Create(connectTimeout));
    private readonly HttpMessageInvoker _tlsUnverified = new(CreateUnverified(connectTimeout));

    /// <param name="request">Its URI names the endpoint.</param>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool tls, CancellationToken cancellationToken) =>
        (tls ? _tlsUnverified : _clear).SendAsync(request, cancellationToken);

    public void Dispose()
    {
        _clear.Dispose();
        _tlsUnverified.Dispose();
    }

    private static SocketsHttpHandler Create(TimeSpan connectTimeout) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = null, // Tracing headers are the client's business.
        ConnectTimeout = connectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60), // nginx' upstream keepalive_timeout
        // Finds an endpoint that vanished under open HTTP/2 streams.
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        MaxResponseHeadersLength = 64,
    };

    private static SocketsHttpHandler CreateUnverified(TimeSpan connectTimeout)
    {
        var handler = Create(connectTimeout);
#pragma warning disable CA5359 // Only routes whose Ingress asks for it by annotation come here.
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
#pragma warning restore CA5359
        return handler;
    }
}
