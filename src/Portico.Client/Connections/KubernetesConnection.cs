using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Portico.Client.Connections;

/// <summary>An HTTP connection pool to one API server, with our credentials. HTTP/2, kept alive by pings.</summary>
public sealed class KubernetesConnection : IDisposable
{
    private readonly Credentials _credentials;
    private readonly HttpMessageInvoker _http;

    /// <param name="handler">For tests: replaces the network.</param>
    public KubernetesConnection(Credentials credentials, HttpMessageHandler? handler = null)
    {
        _credentials = credentials;
        _http = new HttpMessageInvoker(handler ?? CreateHandler(credentials));
    }

    public Uri Server => _credentials.Server;

    /// <param name="pathAndQuery">Begins with a slash.</param>
    /// <param name="accept">Null: JSON.</param>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string pathAndQuery, HttpContent? content, string? accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_credentials.Server, pathAndQuery))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = content,
        };
        // The handler takes the name that it checks in the certificate from here, whatever its options say.
        request.Headers.Host = _credentials.TlsServerName;
        request.Headers.Accept.ParseAdd(accept ?? "application/json");
        request.Headers.UserAgent.ParseAdd("portico");
        if (_credentials.Token?.Invoke() is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await _http.SendAsync(request, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler CreateHandler(Credentials credentials)
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
        if (credentials.ClientCertificate is { } certificate)
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
}
