using System.Net;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Portico.Cli.Echo;

/// <summary>The three servers of the echo image and their common end. Kestrel alone, without a host: a pod has to be small.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly EchoOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _draining = new();
    private readonly KestrelServer _http;
    private readonly EchoApplication _application;
    private readonly TcpEcho _tcp;
    private readonly UdpEcho _udp;

    public EchoServer(EchoOptions options, EchoIdentity identity, TimeProvider time)
    {
        _options = options;
        _time = time;
        _application = new EchoApplication(identity, time, _draining.Token);
        _tcp = new TcpEcho(new IPEndPoint(options.Address, options.TcpPort), options.TcpGreeting ? $"{identity.Pod}\n" : "");
        _udp = new UdpEcho(new IPEndPoint(options.Address, options.UdpPort), options.UdpName ? $"{identity.Pod} " : "");
        _http = new KestrelServer(
            Options.Create(HttpOptions(new IPEndPoint(options.Address, options.HttpPort))),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions { IOQueueCount = 1 }), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
    }

    public int HttpPort { get; private set; }

    public int TcpPort => _tcp.Port;

    public int UdpPort => _udp.Port;

    /// <summary>Returns when every port answers.</summary>
    /// <exception cref="IOException">The HTTP port is taken.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The TCP or UDP port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _tcp.Bind();
        _udp.Bind();
        await _http.StartAsync(_application, cancellationToken);
        HttpPort = new Uri(_http.Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    /// <summary>Serves until <paramref name="stop"/>, then until nothing is open any more.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var tcpEnd = new CancellationTokenSource();
        using var udpEnd = new CancellationTokenSource();
        var tcp = _tcp.RunAsync(tcpEnd.Token);
        var udp = _udp.RunAsync(udpEnd.Token);

        await stop.UntilCancelledAsync();
        await _draining.CancelAsync();
        await Task.Delay(_options.ShutdownDelay, _time, CancellationToken.None);

        // No deadline of our own: whoever stops the pod has one (terminationGracePeriodSeconds, then SIGKILL).
        await tcpEnd.CancelAsync();
        await Task.WhenAll(_http.StopAsync(CancellationToken.None), tcp);
        await udpEnd.CancelAsync();
        await udp;
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _tcp.Dispose();
        _udp.Dispose();
        _draining.Dispose();
        return ValueTask.CompletedTask;
    }

    private static KestrelServerOptions HttpOptions(IPEndPoint endpoint)
    {
        var options = new KestrelServerOptions
        {
            AddServerHeader = false,
            // Cleartext HTTP/2 is announced to Kestrel as if by TLS (see Http2Preface); the request's own scheme is the true one.
            AllowAlternateSchemes = true,
        };
        options.Limits.MaxRequestBodySize = null;
        // Tests stream slowly on purpose.
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Listen(endpoint, static listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.Use(static next => connection => Http2Preface.SelectAsync(connection, next));
        });
        return options;
    }
}
