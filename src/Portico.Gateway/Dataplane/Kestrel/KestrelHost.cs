using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portico.Gateway.Dataplane.Preface;
using Portico.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Portico.Gateway.Dataplane.Kestrel;

/// <summary>The listeners: HTTP, HTTPS and health, on Kestrel. Requests become exchanges and go to the pipeline.</summary>
internal sealed class KestrelHost : IAsyncDisposable
{
    private static readonly TimeSpan PrefaceTimeout = TimeSpan.FromSeconds(30); // Kestrel's own for request headers

    private readonly WebApplication _app;
    private readonly GatewayOptions _options;
    private readonly Dictionary<ListenerRole, ListenOptions> _listeners = [];

    public KestrelHost(GatewayOptions options, GatewayState state, GatewayPipeline pipeline, HealthEndpoint health, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        var handover = new HandoverListener();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = [] });
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggerFactory(loggers));
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        builder.Services.AddHttpForwarder();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseSockets(sockets =>
        {
            // Only together with the runtime's own switch does this pay; alone it costs.
            sockets.UnsafePreferInlineScheduling = Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") == "1";
        });
        // After the sockets: they are registered only where no other factory is.
        builder.Services.AddSingleton<IConnectionListenerFactory>(handover);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Limit(kestrel);
            Listen(kestrel, ListenerRole.Http, options.HttpPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => new PrefaceMiddleware(next, handover, PrefaceTimeout, time).OnConnectionAsync);
            });
            kestrel.Listen(handover.EndPoint, listen => listen.Protocols = HttpProtocols.Http2);
            Listen(kestrel, ListenerRole.Https, options.HttpsPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = handshake => new(state.Current.Certificates.Find(handshake.ClientHelloInfo.ServerName).Options),
                });
            });
            Listen(kestrel, ListenerRole.Health, options.HealthPort, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _app = builder.Build();
        var forwarder = _app.Services.GetRequiredService<IHttpForwarder>();
        var configs = new ForwarderConfigs(options);
        _app.Run(context => context.Features.GetRequiredFeature<ConnectionFacts>() is { Role: not ListenerRole.Health } facts
            ? pipeline.HandleAsync(new KestrelExchange(context, facts, configs, forwarder))
            : health.HandleAsync(context));
    }

    public Task StartAsync(CancellationToken cancellationToken) => _app.StartAsync(cancellationToken);

    /// <summary>The address of a listener, after the start.</summary>
    public IPEndPoint EndPoint(ListenerRole role) => (IPEndPoint)_listeners[role].EndPoint;

    /// <summary>Takes no more connections, tells clients, waits for open requests, then cuts what is left after the drain timeout.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        // Bodies of any size stream through; how much and how fast is for back ends to judge.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestHeadersTotalSize = 32 * 1024; // nginx' large_client_header_buffers, 4 of 8 KiB
        limits.MaxRequestHeaderCount = 200;
        limits.Http2.MaxStreamsPerConnection = 128; // nginx' http2_max_concurrent_streams
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    private void Listen(KestrelServerOptions kestrel, ListenerRole role, int port, Action<ListenOptions> configure)
    {
        void Configure(ListenOptions listen)
        {
            _listeners[role] = listen;
            listen.Use(next => connection =>
            {
                var facts = new ConnectionFacts(role, (connection.RemoteEndPoint as IPEndPoint)?.Address, port > 0 ? port : (connection.LocalEndPoint as IPEndPoint)?.Port ?? 0);
                connection.Features.Set(facts);
                return next(connection);
            });
            configure(listen);
        }

        if (_options.Address is { } address)
        {
            kestrel.Listen(address, port, Configure);
        }
        else
        {
            kestrel.ListenAnyIP(port, Configure);
        }
    }

    /// <summary>The process has its own way to be stopped; the host listens to no signals.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
