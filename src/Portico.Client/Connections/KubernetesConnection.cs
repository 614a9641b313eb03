using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Portico.Client.Connections;

/// <summary>An HTTP connection pool to one API server, with our credentials. HTTP/2, kept alive by pings.</summary>
public sealed class KubernetesConnection : IDisposable
{
    private readonly Credentials _credentials;
    private readonly HttpMessageHandler? _handler;
    private readonly Lock _lock = new();
    private Pool _pool;

    /// <param name="handler">For tests: replaces the network.</param>
    public KubernetesConnection(Credentials credentials, HttpMessageHandler? handler = null)
    {
        _credentials = credentials;
        _handler = handler;
        _pool = CreatePool(credentials.ClientCertificate);
    }

    public Uri Server => _credentials.Server;

    /// <param name="pathAndQuery">Begins with a slash.</param>
    /// <param name="accept">Null: JSON.</param>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string pathAndQuery, HttpContent? content, string? accept, CancellationToken cancellationToken)
    {
        if (_credentials.Plugin is not { } plugin)
        {
            return await SendAsync(method, pathAndQuery, content, accept, new(_credentials.Token?.Invoke(), _credentials.ClientCertificate), cancellationToken);
        }

        var identity = await plugin.GetAsync(cancellationToken);
        var response = await SendAsync(method, pathAndQuery, content, accept, identity, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        // Once more with a new login: only the server knows that the old one is over.
        response.Dispose();
        plugin.Forget(identity);
        return await SendAsync(method, pathAndQuery, content, accept, await plugin.GetAsync(cancellationToken), cancellationToken);
    }

    public void Dispose()
    {
        _pool.Http.Dispose();
        _credentials.Plugin?.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string pathAndQuery, HttpContent? content, string? accept, Identity identity, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, new Uri(_credentials.Server, pathAndQuery))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = content,
        };
        // The handler takes the name that it checks in the certificate from here, whatever its options say.
        request.Headers.Host = _credentials.TlsServerName;
        request.Headers.Accept.ParseAdd(accept ?? "application/json");
        request.Headers.UserAgent.ParseAdd("portico");
        if (identity.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await PoolFor(identity.Certificate).SendAsync(request, cancellationToken);
    }

    // A connection keeps the certificate that it began with, so another certificate is another pool. The old one's watches end when the server
    // no longer takes it; nothing is cut here.
    private HttpMessageInvoker PoolFor(X509Certificate2? certificate)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_pool.Certificate, certificate))
            {
                _pool = CreatePool(certificate);
            }

            return _pool.Http;
        }
    }

    private Pool CreatePool(X509Certificate2? certificate) => new(new HttpMessageInvoker(_handler ?? CreateHandler(_credentials, certificate)), certificate);

    private static SocketsHttpHandler CreateHandler(Credentials credentials, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // A watch is silent for long; the pings find a peer that is gone.
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = Trust(credentials.Authorities),
            },
        };
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        if (credentials.InsecureSkipTlsVerify)
        {
#pragma warning disable CA5359 // The user's kubeconfig asks for it by name.
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return handler;
    }

    private static X509ChainPolicy? Trust(X509Certificate2Collection authorities)
    {
        if (authorities.Count == 0)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private sealed record Pool(HttpMessageInvoker Http, X509Certificate2? Certificate);
}
