using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Portico.Net.Relays;
using Portico.Net.Sockets;
using Portico.Proxy.Services;
using Portico.Proxy.Userspace;

namespace Portico.Proxy.Tests.Userspace;

/// <summary>On loopback, without the rules.</summary>
public sealed class UdpForwarderTests : IAsyncDisposable
{
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(20));
    private readonly FakeTimeProvider _time = new();
    private readonly RelayLoops _loops = new(null, TimeProvider.System);
    private readonly List<Socket> _sockets = [];
    private UdpForwarder _forwarder = null!;

    public async ValueTask DisposeAsync()
    {
        await _forwarder.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        _sockets.ForEach(static socket => socket.Dispose());
        _loops.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Run_DatagramsOfAnySize_BothWaysInOrderAndWhole()
    {
        var backend = Bound();
        Start([backend]);
        var client = Client();

        foreach (var size in new[] { 1, 0, 1400, 60000, 3 })
        {
            var (buffer, sent) = (new byte[65536], new byte[size]);
            Random.Shared.NextBytes(sent);
            await client.SendAsync(sent, _limit.Token);
            var got = await backend.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _limit.Token);
            Assert.Equal(sent, buffer[..got.ReceivedBytes]);
            await backend.SendToAsync(sent, got.RemoteEndPoint, _limit.Token);
            Assert.Equal(sent, buffer[..await client.ReceiveAsync(buffer, _limit.Token)]);
        }
    }

    [Fact]
    public async Task Run_SessionIdleForLong_EndsAndTheNextDatagramIsOneOfANewSession()
    {
        var (first, second) = (Bound(), Bound());
        Start([first, second]);
        var client = Client();
        await SendAsync(client, "one");
        Assert.Equal("one", (await ReceiveAsync(first)).Text);

        // Not idle: each datagram counts, also an answer.
        _time.Advance(IdleLimit * 0.9);
        await SendAsync(client, "two");
        var (_, session) = await ReceiveAsync(first);
        _time.Advance(IdleLimit * 0.9);
        await first.SendToAsync("answer"u8.ToArray(), session, _limit.Token);
        Assert.Equal("answer", (await ReceiveAsync(client)).Text);
        _time.Advance(IdleLimit * 0.9);
        await SendAsync(client, "three");
        Assert.Equal(("three", session), await ReceiveAsync(first));

        await IdleAsync(session);
        await SendAsync(client, "four");
        Assert.Equal("four", (await ReceiveAsync(second)).Text);
    }

    [Fact]
    public async Task Run_MoreClientsThanSessions_OthersGoOnAndTheLateOneIsServedWhenOneEnds()
    {
        var backend = Bound();
        Start([backend], sessionLimit: 2);
        var (one, two, late) = (Client(), Client(), Client());
        await SendAsync(one, "one");
        var (_, session) = await ReceiveAsync(backend);
        await SendAsync(two, "two");
        Assert.Equal("two", (await ReceiveAsync(backend)).Text);

        await SendAsync(late, "late");
        await SendAsync(one, "one again");
        // The listener takes them in order: the late one's would be here first.
        Assert.Equal(("one again", session), await ReceiveAsync(backend));

        await IdleAsync(session);
        // The session is counted for a moment after its socket is closed.
        do
        {
            await SendAsync(late, "late again");
        }
        while (!backend.Poll(20_000, SelectMode.SelectRead) && !_limit.IsCancellationRequested);
        Assert.Equal("late again", (await ReceiveAsync(backend)).Text);
    }

    private void Start(Socket[] backends, int? sessionLimit = null)
    {
        EndpointAddress[] endpoints = [.. backends.Select(static backend => new EndpointAddress(IPAddress.Loopback, (ushort)((IPEndPoint)backend.LocalEndPoint!).Port, true))];
        var frontend = new Frontend
        {
            Key = new(IPAddress.Parse("10.96.0.1"), TransportProtocol.Udp, 53),
            Kind = FrontendKind.ClusterIP,
            Service = new("shop", "dns"),
            PortName = "",
            Cluster = endpoints,
            Serving = endpoints,
        };
        var context = new ForwarderContext(new SocketFactory(), _loops, new(LocalDetector.None, []), ChecksSources: false, _time);
        var listen = new IPEndPoint(IPAddress.Loopback, 0);
        var balancer = new EndpointBalancer(_time);
        _forwarder = sessionLimit is { } limit ? new(frontend, balancer, listen, context, limit) : new(frontend, balancer, listen, context);
    }

    /// <summary>Lets time pass until the session's socket is closed: its port can be had again.</summary>
    private async Task IdleAsync(IPEndPoint session)
    {
        _time.Advance(IdleLimit * 1.5);
        while (!_limit.IsCancellationRequested)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Any, session.Port));
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(5, CancellationToken.None);
            }
        }

        Assert.Fail($"the session at {session} is still there");
    }

    private Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _sockets.Add(socket);
        return socket;
    }

    private Socket Client()
    {
        var socket = Bound();
        socket.Connect(_forwarder.Address);
        return socket;
    }

    private async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text), _limit.Token);

    private async Task<(string Text, IPEndPoint From)> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[100];
        var got = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _limit.Token);
        return (Encoding.ASCII.GetString(buffer, 0, got.ReceivedBytes), (IPEndPoint)got.RemoteEndPoint);
    }
}
