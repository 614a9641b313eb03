using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Portico.Server.Hosting;

/// <summary>Kestrel with nothing around it: TLS with HTTP/1.1 and HTTP/2 on sockets that were bound by somebody else.</summary>
internal static class HttpHost
{
    // Upstream's limit of a request body.
    private const int MaxBody = 3 * 1024 * 1024;

    public static WebApplication Build(ApiServerOptions options, RequestDelegate handler, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        var sockets = options.Listeners.ToDictionary(static socket => socket.LocalEndPoint!);
        builder.WebHost.UseSockets(transport => transport.CreateBoundListenSocket = endPoint => sockets[endPoint]);
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, options, sockets.Keys));
        var app = builder.Build();
        app.Run(handler);
        return app;
    }

    private static void Configure(KestrelServerOptions kestrel, ApiServerOptions options, IEnumerable<EndPoint> endPoints)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.Limits.MaxRequestBodySize = MaxBody;
        // A watch is a stream that its reader may leave alone for long; the bounded change log limits what it can cost.
        kestrel.Limits.MinResponseDataRate = null;
        // Go clients put all their watches on one connection and wait silently at the limit.
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        foreach (var endPoint in endPoints)
        {
            kestrel.Listen(endPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https => Secure(https, options));
            });
        }
    }

    private static void Secure(HttpsConnectionAdapterOptions https, ApiServerOptions options)
    {
        https.ServerCertificate = options.ServerCertificate;
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        // A certificate of a stranger is answered by 401 with a Status rather than by a broken handshake.
        https.ClientCertificateValidation = static (_, _, _) => true;
        https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = Trust(options.Authority);
    }

    private static X509ChainPolicy Trust(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(authority);
        return policy;
    }
}
