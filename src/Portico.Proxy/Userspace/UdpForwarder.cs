using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>One UDP frontend: a session, with a socket of its own towards the endpoint, for each client address and port.</summary>
internal sealed class UdpForwarder : IForwarder
{
    private const int DefaultSessionLimit = 4096;
    private const int DatagramLimit = 65536;
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly Socket _listener;
    private readonly ForwarderContext _context;
    private readonly ConcurrentDictionary<IPEndPoint, Session> _sessions = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _anywhere;
    private readonly int _sessionLimit;
    private readonly Task _running;
    private volatile EndpointBalancer _balancer;
    private volatile Frontend _frontend;

    /// <exception cref="SocketException">The address is taken or not here.</exception>
    public UdpForwarder(Frontend frontend, EndpointBalancer balancer, IPEndPoint listen, ForwarderContext context, int sessionLimit = DefaultSessionLimit)
    {
        (_frontend, _balancer, _context, _sessionLimit) = (frontend, balancer, context, sessionLimit);
        _listener = context.Sockets.Udp(listen);
        _anywhere = new(listen.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        Address = (IPEndPoint)_listener.LocalEndPoint!;
        _running = RunAsync();
    }

    public IPEndPoint Address { get; }

    public Frontend Frontend => _frontend;

    public void Serve(Frontend frontend, EndpointBalancer balancer)
    {
        (_frontend, _balancer) = (frontend, balancer);
        foreach (var session in _sessions.Values)
        {
            if (!session.IsServed(frontend))
            {
                session.Close();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        var sweep = SweepAsync(_stop.Token);
        try
        {
            while (true)
            {
                await ReceiveAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Removed, or asked to stop.
        }

        foreach (var session in _sessions.Values)
        {
            session.Close();
        }

        await sweep;
        await Task.WhenAll(_sessions.Values.Select(session => session.Run));
        _listener.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        byte[]? buffer = null;
        try
        {
            // A listener at rest holds no buffer: an empty peek waits for the datagram and leaves it there.
            await _listener.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, cancellationToken);
            buffer = ArrayPool<byte>.Shared.Rent(DatagramLimit);
            var packet = await _listener.ReceiveFromAsync(buffer, _anywhere, cancellationToken);
            var client = (IPEndPoint)packet.RemoteEndPoint;
            if ((_sessions.TryGetValue(client, out var session) && !session.IsClosed) || Open(client) is { } opened && (session = opened) is not null)
            {
                await session.SendAsync(buffer.AsMemory(0, packet.ReceivedBytes), cancellationToken);
            }
        }
        catch (SocketException)
        {
            // An ICMP error about an earlier datagram; each datagram stands for itself.
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private Session? Open(IPEndPoint client)
    {
        var frontend = _frontend;
        if (_sessions.Count >= _sessionLimit || !_context.Admits(frontend, client.Address)
            || _balancer.Next(frontend, client.Address, _context.Classifier.Classify(client.Address)) is not { } endpoint)
        {
            return null;
        }

        var socket = _context.Sockets.Udp(new(endpoint.Address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
        socket.Connect(endpoint.Address, endpoint.Port);
        var session = new Session(client, endpoint, socket, _listener, _context.Traffic.Connected(frontend, new(endpoint.Address, endpoint.Port)), _context.Time);
        session.Run = session.AnswerAsync(() => _sessions.TryRemove(new(client, session)));
        _sessions[client] = session;
        return session;
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, _context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var session in _sessions.Values)
                {
                    if (session.IdleFor >= IdleLimit)
                    {
                        session.Close();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Removed, or asked to stop.
        }
    }

    private sealed class Session(IPEndPoint client, EndpointAddress endpoint, Socket backend, Socket listener, TrafficMeter meter, TimeProvider time)
    {
        private long _lastUsed = time.GetTimestamp();
        private volatile bool _closed;

        public Task Run { get; set; } = Task.CompletedTask;

        public bool IsClosed => _closed;

        public TimeSpan IdleFor => time.GetElapsedTime(Volatile.Read(ref _lastUsed));

        public bool IsServed(Frontend frontend) => frontend.Serving.Any(serving => serving.Port == endpoint.Port && serving.Address.Equals(endpoint.Address));

        public void Close()
        {
            _closed = true;
            backend.Dispose();
        }

        public async Task SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken)
        {
            Volatile.Write(ref _lastUsed, time.GetTimestamp());
            try
            {
                meter.Moved(await backend.SendAsync(datagram, SocketFlags.None, cancellationToken), 0);
            }
            catch (ObjectDisposedException)
            {
                // Closed just now; the client's next datagram opens a new session.
            }
        }

        public async Task AnswerAsync(Action ended)
        {
            try
            {
                while (!_closed)
                {
                    await ForwardOneAsync();
                }
            }
            finally
            {
                ended();
            }
        }

        private async Task ForwardOneAsync()
        {
            byte[]? buffer = null;
            try
            {
                // A session at rest holds no buffer: an empty peek waits for the datagram and leaves it there.
                await backend.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek);
                buffer = ArrayPool<byte>.Shared.Rent(DatagramLimit);
                var read = await backend.ReceiveAsync(buffer, SocketFlags.None);
                Volatile.Write(ref _lastUsed, time.GetTimestamp());
                meter.Moved(0, await listener.SendToAsync(buffer.AsMemory(0, read), SocketFlags.None, client));
            }
            catch (ObjectDisposedException)
            {
                _closed = true;
            }
            catch (SocketException refused) when (refused.SocketErrorCode != SocketError.OperationAborted)
            {
                // The endpoint has nobody on that port: let the client's next datagram choose again.
                Close();
            }
            catch (SocketException)
            {
                _closed = true;
            }
            finally
            {
                if (buffer is not null)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
    }
}
