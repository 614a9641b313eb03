using System.Net;
using System.Net.Sockets;
using Portico.Net.Sockets;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>One TCP frontend.</summary>
internal sealed class TcpForwarder : IForwarder
{
    // Upstream's dial timeouts (pkg/proxy/userspace): a dead endpoint costs a moment, not the connection.
    private static readonly TimeSpan[] DialTimeouts =
        [TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    private const int ConnectionLimit = 16384;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly SocketFactory _sockets;
    private readonly TrafficClassifier _classifier;
    private readonly EndpointBalancer _balancer;
    private readonly TimeProvider _time;
    private readonly HashSet<Task> _connections = [];
    private volatile Frontend _frontend;
    private int _open;
    private int _pruneAt = 64;

    public TcpForwarder(Frontend frontend, IPAddress address, SocketFactory sockets, TrafficClassifier classifier, TimeProvider time)
    {
        (_frontend, _sockets, _classifier, _time) = (frontend, sockets, classifier, time);
        _balancer = new(time);
        _listener = sockets.Listen(new(address, 0));
        Address = (IPEndPoint)_listener.LocalEndPoint!;
    }

    public IPEndPoint Address { get; }

    public Frontend Frontend
    {
        get => _frontend;
        set => _frontend = value;
    }

    public async Task RunAsync(CancellationToken removed, CancellationToken cancellationToken)
    {
        using var accepting = CancellationTokenSource.CreateLinkedTokenSource(removed, cancellationToken);
        try
        {
            while (true)
            {
                if (await AcceptAsync(accepting.Token) is { } client)
                {
                    Prune();
                    _connections.Add(ForwardAsync(client, cancellationToken));
                }
            }
        }
        catch (OperationCanceledException) when (accepting.IsCancellationRequested)
        {
            // Removed, or asked to stop.
        }

        _listener.Dispose();
        await Task.WhenAll(_connections);
    }

    // Now and then, so that a connection costs the same however many there are.
    private void Prune()
    {
        if (_connections.Count >= _pruneAt)
        {
            _connections.RemoveWhere(static done => done.IsCompleted);
            _pruneAt = Math.Max(64, _connections.Count * 2);
        }
    }

    private async Task<Socket?> AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            var client = await _listener.AcceptAsync(cancellationToken);
            if (Volatile.Read(ref _open) >= ConnectionLimit)
            {
                TcpPump.Reset(client);
                return null;
            }

            return client;
        }
        catch (SocketException failure)
        {
            if (failure.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                await Task.Delay(AcceptPause, _time, cancellationToken);
            }

            return null;
        }
    }

    private async Task ForwardAsync(Socket client, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _open);
        try
        {
            client.NoDelay = true;
            if (await DialAsync(((IPEndPoint)client.RemoteEndPoint!).Address, cancellationToken) is { } backend)
            {
                await TcpPump.RunAsync(client, backend, cancellationToken);
            }
            else
            {
                TcpPump.Reset(client);
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            TcpPump.Reset(client);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<Socket?> DialAsync(IPAddress client, CancellationToken cancellationToken)
    {
        var source = _classifier.Classify(client);
        EndpointAddress? failed = null;
        foreach (var timeout in DialTimeouts)
        {
            // Read anew for each try: an endpoint that went meanwhile must not be tried.
            if (_balancer.Next(_frontend, client, source, failed) is not { } endpoint)
            {
                return null;
            }

            var socket = _sockets.Tcp(endpoint.Address.AddressFamily);
            using var deadline = new CancellationTokenSource(timeout, _time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(endpoint.Address, endpoint.Port), limit.Token);
                return socket;
            }
            catch (Exception refused) when (refused is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                failed = endpoint;
            }
        }

        return null;
    }
}
