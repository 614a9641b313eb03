using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portico.Node.Agents;
using Portico.Node.Networks;

namespace Portico.Node.Serving;

/// <summary>The node's HTTPS server, with the paths of the kubelet's that the API server asks.</summary>
internal sealed class NodeServer(NodeAgentOptions options, NodeSpace space, ContainerLogs logs, ILoggerFactory loggers)
{
    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(transport => transport.CreateBoundListenSocket = Bind);
        builder.WebHost.ConfigureKestrel(Configure);
        await using var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync(cancellationToken);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, options.Time, cancellationToken);
        }
        finally
        {
            // Somebody who follows a log does not hold up the node's end.
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await app.StopAsync(now.Token);
        }
    }

    private Socket Bind(EndPoint endPoint)
    {
        var socket = space.CreateSocket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(endPoint);
        return socket;
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Listen(options.NodeAddress, options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = options.ServingCertificate;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = static (_, _, errors) => errors == System.Net.Security.SslPolicyErrors.None;
                https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = Trust(options.Authority);
            });
        });
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!ClientIdentity.MayAsk(context.Connection.ClientCertificate))
        {
            await TextAsync(context, StatusCodes.Status403Forbidden, "only the API server may ask this node\n");
            return;
        }

        var parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (parts)
        {
            case var _ when !HttpMethods.IsGet(context.Request.Method):
                await TextAsync(context, StatusCodes.Status405MethodNotAllowed, "only GET\n");
                break;
            case ["healthz"]:
                await TextAsync(context, StatusCodes.Status200OK, "ok");
                break;
            case ["containerLogs", var @namespace, var pod, var container]:
                await logs.AnswerAsync(context, @namespace, pod, container);
                break;
            default:
                await TextAsync(context, StatusCodes.Status404NotFound, "404 page not found\n");
                break;
        }
    }

    private static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text, context.RequestAborted);
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
