using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Portico.Net.Relays;
using Portico.Net.Sockets;

namespace Portico.Net.Tests.Relays;

/// <summary>On loopback, with real sockets.</summary>
public sealed class RelayLoopsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _limit = new(Patience);
    private readonly RelayLoops _loops = new(null, TimeProvider.System);
    private readonly SocketFactory _sockets = new();

    public void Dispose()
    {
        _loops.Dispose();
        _limit.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", 1)]
    [InlineData("127.0.0.1", 70_000)]
    [InlineData("127.0.0.1", 20_000_000)]
    [InlineData("::1", 3_000_000)]
    public async Task Relay_AnySizeBothWays_WholeAndEndsPassedOn(string address, int size)
    {
        using var server = _sockets.Listen(new(IPAddress.Parse(address), 0));
        var route = new Route([(IPEndPoint)server.LocalEndPoint!]);
        var (client, _) = await StartAsync(address, route);
        using var endpoint = await server.AcceptAsync(_limit.Token);
        using (client)
        {
            var sent = RandomNumberGenerator.GetBytes(size);
            var received = ReadToEndAsync(endpoint);
            await SendAsync(client, sent);
            client.Shutdown(SocketShutdown.Send);
            Assert.True((await received).AsSpan().SequenceEqual(sent));

            // The other half is still open.
            var back = ReadToEndAsync(client);
            await SendAsync(endpoint, sent);
            endpoint.Shutdown(SocketShutdown.Send);
            Assert.True((await back).AsSpan().SequenceEqual(sent));
            Assert.Equal(1, route.Connections);
            // The receiver may have its bytes a moment before the relay has counted them.
            Assert.True(SpinWait.SpinUntil(() => route.Meter.Bytes == (size, size), Patience), $"{route.Meter.Bytes} of {size}");
        }
    }

    [Fact]
    public async Task Relay_ReceiverDoesNotRead_SenderIsHeldBackAndNothingIsLost()
    {
        const int size = 30_000_000;
        using var server = _sockets.Listen(new(IPAddress.Loopback, 0));
        var (client, _) = await StartAsync("127.0.0.1", new Route([(IPEndPoint)server.LocalEndPoint!]));
        using var endpoint = await server.AcceptAsync(_limit.Token);
        using (client)
        {
            var sent = RandomNumberGenerator.GetBytes(size);
            var sending = SendAsync(client, sent);
            Assert.NotSame(sending, await Task.WhenAny(sending, Task.Delay(300, _limit.Token)));
            var received = ReadToEndAsync(endpoint);
            await sending;
            client.Shutdown(SocketShutdown.Send);
            Assert.True((await received).AsSpan().SequenceEqual(sent));
        }
    }

    [Fact]
    public async Task Relay_EndpointSpeaksFirstAndEnds_ClientHearsAll()
    {
        using var server = _sockets.Listen(new(IPAddress.Loopback, 0));
        for (var i = 0; i < 200; i++)
        {
            var connecting = StartAsync("127.0.0.1", new Route([(IPEndPoint)server.LocalEndPoint!]));
            using (var endpoint = await server.AcceptAsync(_limit.Token))
            {
                await SendAsync(endpoint, [1, 2, 3]);
            }

            using var client = (await connecting).Client;
            Assert.Equal(3, (await ReadToEndAsync(client)).Length);
        }
    }

    [Fact]
    public async Task Relay_EndpointResets_ClientIsReset()
    {
        using var server = _sockets.Listen(new(IPAddress.Loopback, 0));
        // Often enough that some resets are there before the loop has looked at the dial: those too are no reason to dial again.
        for (var i = 0; i < 300; i++)
        {
            var route = new Route([(IPEndPoint)server.LocalEndPoint!]);
            var connecting = StartAsync("127.0.0.1", route);
            var endpoint = await server.AcceptAsync(_limit.Token);
            endpoint.LingerState = new(true, 0);
            endpoint.Dispose();
            // Already the connect may see it.
            await Assert.ThrowsAsync<SocketException>(async () =>
            {
                using var client = (await connecting).Client;
                await ReadToEndAsync(client);
            });
            Assert.Equal(1, route.Asked);
        }
    }

    [Fact]
    public async Task Relay_NobodyServes_ClientIsReset()
    {
        // Already the connect may see it.
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            var (client, _) = await StartAsync("127.0.0.1", new Route([]));
            using (client)
            {
                await ReadToEndAsync(client);
            }
        });
    }

    [Fact]
    public async Task Dial_RefusedAndSilentEndpoints_NextOneServes()
    {
        using var server = _sockets.Listen(new(IPAddress.Loopback, 0));
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        // A full queue: the kernel drops what comes on top, so a dial hears nothing.
        using var silent = _sockets.Listen(new(IPAddress.Loopback, 0), backlog: 0);
        using var filler = _sockets.Tcp(AddressFamily.InterNetwork);
        await filler.ConnectAsync(silent.LocalEndPoint!, _limit.Token);
        var route = new Route([(IPEndPoint)closed.LocalEndPoint!, (IPEndPoint)silent.LocalEndPoint!, (IPEndPoint)server.LocalEndPoint!]);

        var (client, _) = await StartAsync("127.0.0.1", route);

        using var endpoint = await server.AcceptAsync(_limit.Token);
        using (client)
        {
            await SendAsync(client, [7]);
            Assert.Equal(1, await endpoint.ReceiveAsync(new byte[10], _limit.Token));
            Assert.Equal(3, route.Asked);
        }
    }

    [Fact]
    public async Task Dial_NobodyAnswers_NextAfter250And500And1000MillisecondsAndResetAfter2000More()
    {
        using var silent = _sockets.Listen(new(IPAddress.Loopback, 0), backlog: 0);
        using var filler = _sockets.Tcp(AddressFamily.InterNetwork);
        await filler.ConnectAsync(silent.LocalEndPoint!, _limit.Token);
        var route = new Route([(IPEndPoint)silent.LocalEndPoint!]);

        var (client, _) = await StartAsync("127.0.0.1", route);
        using (client)
        {
            await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(client));
        }

        var times = route.Times.Append(Stopwatch.GetTimestamp()).ToList();
        var pauses = times.Zip(times.Skip(1), static (from, to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds).ToList();
        Assert.Equal(4, pauses.Count);
        // A busy machine makes them longer, nothing makes them shorter.
        Assert.All(pauses.Zip([250, 500, 1000, 2000]), static pause => Assert.True(pause.First >= pause.Second, $"{pause.First} ms after a try, at least {pause.Second} are due"));
        Assert.True(pauses.Sum() < 3750 * 3, $"{string.Join(", ", pauses)} ms");
    }

    [Fact]
    public async Task Close_Listener_NewOnesAreRefusedAndEstablishedGoOn()
    {
        using var server = _sockets.Listen(new(IPAddress.Loopback, 0));
        var (client, listener) = await StartAsync("127.0.0.1", new Route([(IPEndPoint)server.LocalEndPoint!]));
        using var endpoint = await server.AcceptAsync(_limit.Token);
        using (client)
        {
            var address = client.RemoteEndPoint!;
            await listener.CloseAsync();
            using var late = _sockets.Tcp(AddressFamily.InterNetwork);
            await Assert.ThrowsAnyAsync<SocketException>(async () => await late.ConnectAsync(address, _limit.Token));
            await SendAsync(client, [7]);
            Assert.Equal(1, await endpoint.ReceiveAsync(new byte[10], _limit.Token));

            listener.Break(static _ => true);
            await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(client));
        }
    }

    [Fact]
    public async Task Relay_ManyAtOnce_NoneWaitsForAnotherAndNoDescriptorIsLeft()
    {
        const int count = 300;
        using var server = _sockets.Listen(new(IPAddress.Loopback, 0));
        var (first, listener) = await StartAsync("127.0.0.1", new Route([(IPEndPoint)server.LocalEndPoint!]));
        (await server.AcceptAsync(_limit.Token)).Dispose();
        var address = (IPEndPoint)first.RemoteEndPoint!;
        first.Dispose();
        var echoing = new ConcurrentBag<Task>();
        var accepting = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
            {
                echoing.Add(EchoAsync(await server.AcceptAsync(_limit.Token)));
            }
        });
        var before = Directory.GetFiles("/proc/self/fd").Length;
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            using var socket = await _sockets.ConnectAsync(address, _limit.Token);
            var sent = RandomNumberGenerator.GetBytes(1000 * (i + 1) % 200_000);
            var received = ReadToEndAsync(socket);
            await SendAsync(socket, sent);
            socket.Shutdown(SocketShutdown.Send);
            Assert.True((await received).AsSpan().SequenceEqual(sent));
        }));
        await accepting;
        await Task.WhenAll(echoing);
        await listener.CloseAsync();
        while (Directory.GetFiles("/proc/self/fd").Length > before + 200)
        {
            Assert.False(_limit.IsCancellationRequested, $"{Directory.GetFiles("/proc/self/fd").Length} descriptors are open, {before} were");
            await Task.Delay(5, CancellationToken.None);
        }
    }

    private async Task<(Socket Client, RelayListener Listener)> StartAsync(string address, Route route)
    {
        var socket = _sockets.Listen(new(IPAddress.Parse(address), 0));
        var at = (IPEndPoint)socket.LocalEndPoint!;
        var listener = _loops.Listen(socket, route, 1000);
        return (await _sockets.ConnectAsync(at, _limit.Token), listener);
    }

    private async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            await SendAsync(socket, await ReadToEndAsync(socket));
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    private async Task SendAsync(Socket socket, byte[] data)
    {
        for (var sent = 0; sent < data.Length;)
        {
            sent += await socket.SendAsync(data.AsMemory(sent), _limit.Token);
        }
    }

    private async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[65536];
        while (await socket.ReceiveAsync(buffer, _limit.Token) is > 0 and var read)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    private sealed class Route(IPEndPoint[] endpoints) : IRelayRoute
    {
        private readonly ConcurrentQueue<long> _times = [];
        private int _connected;

        public int Asked => _times.Count;

        public int Connections => _connected;

        public Meter Meter { get; } = new();

        public IEnumerable<long> Times => _times;

        public IPEndPoint? Next(IPAddress client, IPEndPoint? failed)
        {
            _times.Enqueue(Stopwatch.GetTimestamp());
            return endpoints.Length == 0 ? null : endpoints[Math.Min(_times.Count, endpoints.Length) - 1];
        }

        public IRelayMeter Connected(IPEndPoint endpoint)
        {
            Assert.Contains(endpoint, endpoints);
            Interlocked.Increment(ref _connected);
            return Meter;
        }

        public int WriteHeader(IPEndPoint client, Span<byte> into) => 0;
    }

    private sealed class Meter : IRelayMeter
    {
        private long _up;
        private long _down;

        public (long Up, long Down) Bytes => (Interlocked.Read(ref _up), Interlocked.Read(ref _down));

        public void Moved(long up, long down)
        {
            Interlocked.Add(ref _up, up);
            Interlocked.Add(ref _down, down);
        }
    }
}
