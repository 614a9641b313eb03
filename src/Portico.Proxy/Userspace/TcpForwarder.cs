using System.Net;
using System.Net.Sockets;
using Portico.Net.ProxyProtocol;
using Portico.Net.Relays;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>One TCP frontend.</summary>
internal sealed class TcpForwarder : IForwarder, IRelayRoute
{
    private const int ConnectionLimit = 16384;

    private readonly RelayListener _listener;
    private readonly ForwarderContext _context;
    private volatile EndpointBalancer _balancer;
    private volatile Frontend _frontend;
    private volatile bool _closed;

    /// <exception cref="SocketException">The address is taken or not here.</exception>
    public TcpForwarder(Frontend frontend, EndpointBalancer balancer, IPEndPoint listen, ForwarderContext context)
    {
        (_frontend, _balancer, _context) = (frontend, balancer, context);
        var socket = context.Sockets.Listen(listen);
        Address = (IPEndPoint)socket.LocalEndPoint!;
        _listener = context.Loops.Listen(socket, this, ConnectionLimit);
    }

    public IPEndPoint Address { get; }

    public Frontend Frontend => _frontend;

    public void Serve(Frontend frontend, EndpointBalancer balancer)
    {
        var before = _frontend;
        (_frontend, _balancer) = (frontend, balancer);
        if (frontend.CutsConnections && frontend.Serving != before.Serving)
        {
            _listener.Break(endpoint => !frontend.Serving.Any(serving => serving.Port == endpoint.Port && serving.Address.Equals(endpoint.Address)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await _listener.CloseAsync();
        if (_frontend.CutsConnections)
        {
            _listener.Break(static _ => true);
        }
    }

    public IPEndPoint? Next(IPAddress client, IPEndPoint? failed)
    {
        // Read anew for each try: an endpoint that went meanwhile must not be tried.
        var frontend = _frontend;
        return _context.Admits(frontend, client) && _balancer.Next(frontend, client, _context.Classifier.Classify(client), failed) is { } endpoint
            ? new(endpoint.Address, endpoint.Port)
            : null;
    }

    public IRelayMeter? Connected(IPEndPoint endpoint) => _closed ? null : _context.Traffic.Connected(_frontend, endpoint);

    public int WriteHeader(IPEndPoint client, Span<byte> into)
    {
        var frontend = _frontend;
        var destination = new IPEndPoint(frontend.Key.Address, frontend.Key.Port);
        return frontend.ProxyProtocol switch
        {
            ProxyProtocolVersion.V1 => ProxyHeader.WriteVersion1(client, destination, into),
            ProxyProtocolVersion.V2 => ProxyHeader.WriteVersion2(client, destination, into),
            _ => 0,
        };
    }
}
