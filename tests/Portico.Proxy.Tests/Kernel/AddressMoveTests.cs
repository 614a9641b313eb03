using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Net.Namespaces;
using Portico.Net.Processes;
using Portico.Net.Sockets;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>
/// A client and endpoints with two nodes between them, each with a proxy of its own that knows nothing of the other. The address moves from one
/// node to the other in the middle of connections.
/// </summary>
[Trait("Category", "Root")]
public sealed class AddressMoveTests : IAsyncDisposable
{
    private const string Vip = "203.0.113.10";
    private const string ClientAddress = "198.51.100.9";
    private const int Connections = 60;

    private readonly string _prefix = $"pt-proxy-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly CancellationTokenSource _stop = new();
    private readonly ObjectCache<Service> _services = new();
    private readonly ObjectCache<EndpointSlice> _slices = new();
    private readonly ObjectCache<Node> _nodes = new();
    private readonly CollectedLog _log = new();
    private readonly List<ServiceProxy> _proxies = [];
    private readonly List<Task> _running = [];
    private readonly List<Socket> _sockets = [];

    [Theory]
    [InlineData(true, false, Connections)]
    [InlineData(true, true, Connections / 2)]
    [InlineData(false, false, Connections)]
    [InlineData(false, true, Connections)]
    public async Task AddressMoves_ConnectionsGoOn(bool clientSpeaksFirst, bool endpointAdded, int atLeast)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        await BuildAsync("maglev");
        var pairs = Connect();
        if (endpointAdded)
        {
            _slices.Set(Slice(4));
            await UntilUpToDateAsync();
        }

        await MoveAsync();

        var alive = pairs.Count(pair => clientSpeaksFirst
            ? Says(pair.Client, pair.Server) && Says(pair.Server, pair.Client)
            : Says(pair.Server, pair.Client) && Says(pair.Client, pair.Server));
        Assert.True(alive >= atLeast, $"{alive} of {Connections} connections went on, wanted {atLeast}");
    }

    [Fact]
    public async Task AddressMoves_ChosenAtRandom_ConnectionsBreak()
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        await BuildAsync("random");
        var pairs = Connect();
        await MoveAsync();
        // A few are enough: each that breaks is waited for.
        Assert.InRange(pairs.Take(12).Count(pair => Says(pair.Client, pair.Server)), 0, 11);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        foreach (var made in NetworkNamespace.List(_prefix))
        {
            made.Delete();
        }

        _stop.Dispose();
    }

    private static bool Says(Socket from, Socket to)
    {
        try
        {
            return from.Send("x"u8) == 1 && to.Receive(new byte[16]) == 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private List<(Socket Client, Socket Server)> Connect()
    {
        var pairs = new List<(Socket, Socket)>();
        var listeners = _sockets.ToArray();
        var factory = new SocketFactory(new(_prefix + "-client"));
        for (var i = 0; i < Connections; i++)
        {
            var client = Keep(factory.Tcp(AddressFamily.InterNetwork));
            client.Connect(Vip, 80);
            var ready = new List<Socket>(listeners);
            Socket.Select(ready, null, null, 3_000_000);
            pairs.Add((client, Keep(Assert.Single(ready).Accept())));
        }

        Assert.True(pairs.Select(pair => ((IPEndPoint)pair.Item2.LocalEndPoint!).Address).Distinct().Count() == 3, "not all endpoints were chosen");
        Assert.All(pairs, pair => Assert.Equal(ClientAddress, ((IPEndPoint)pair.Item2.RemoteEndPoint!).Address.ToString()));
        return pairs;
    }

    private async Task MoveAsync()
    {
        await IpAsync($"-n {_prefix}-client route replace {Vip} via 10.1.2.1 src {ClientAddress}");
        await IpAsync($"-n {_prefix}-pods route replace {ClientAddress} via 10.2.2.1");
    }

    private Socket Keep(Socket socket)
    {
        socket.ReceiveTimeout = 1000;
        _sockets.Add(socket);
        return socket;
    }

    private static EndpointSlice Slice(int endpoints) =>
        Make.Slice("web", NodeWorld.PodPort, [.. Enumerable.Range(5, endpoints).Select(number => Make.Endpoint($"10.244.1.{number}", "elsewhere"))]);

    private async Task BuildAsync(string algorithm)
    {
        foreach (var name in new[] { "client", "pods", "node1", "node2" })
        {
            var made = NetworkNamespace.Create($"{_prefix}-{name}");
            await IpAsync($"-n {made.Name} link set lo up");
            made.Run(() =>
            {
                File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
                File.WriteAllText("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
                File.WriteAllText("/proc/sys/net/ipv4/conf/default/rp_filter", "0");
                return 0;
            });
        }

        await IpAsync($"-n {_prefix}-client addr add {ClientAddress}/32 dev lo");
        foreach (var number in Enumerable.Range(5, 4))
        {
            await IpAsync($"-n {_prefix}-pods addr add 10.244.1.{number}/32 dev lo");
        }

        foreach (var node in new[] { 1, 2 })
        {
            await LinkAsync("client", $"10.1.{node}.2", $"node{node}", $"10.1.{node}.1");
            await LinkAsync("pods", $"10.2.{node}.2", $"node{node}", $"10.2.{node}.1");
            await IpAsync($"-n {_prefix}-node{node} route add {ClientAddress} via 10.1.{node}.2");
            await IpAsync($"-n {_prefix}-node{node} route add 10.244.1.0/24 via 10.2.{node}.2");
        }

        await IpAsync($"-n {_prefix}-client route add {Vip} via 10.1.1.1 src {ClientAddress}");
        await IpAsync($"-n {_prefix}-pods route add {ClientAddress} via 10.2.1.1");
        foreach (var number in Enumerable.Range(5, 4))
        {
            Keep(new SocketFactory(new(_prefix + "-pods")).Listen(IPEndPoint.Parse($"10.244.1.{number}:{NodeWorld.PodPort}")));
        }

        var service = Make.Annotated(Make.Service("web", "10.96.0.20", null, Vip), ("portico.dev/algorithm", algorithm), ("portico.dev/client-address", "keep"));
        foreach (var node in new[] { 1, 2 })
        {
            var options = Make.Options() with
            {
                NodeName = $"node{node}", NodeAddresses = [IPAddress.Parse($"10.1.{node}.1")], Namespace = new($"{_prefix}-node{node}"),
            };
            _proxies.Add(new(_services, _slices, _nodes, options, _log, TimeProvider.System));
        }

        _services.Replace([service]);
        _slices.Replace([Slice(3)]);
        _nodes.Replace([]);
        _running.AddRange(_proxies.Select(proxy => proxy.RunAsync(_stop.Token)));
        await UntilUpToDateAsync();
    }

    private async Task UntilUpToDateAsync()
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(20);
        while (!_proxies.All(proxy => proxy.IsHealthy && proxy.IsUpToDate))
        {
            Assert.True(DateTime.UtcNow < deadline, $"waited 20 s for both proxies; log:\n{_log}");
            await Task.Delay(5);
        }
    }

    private async Task LinkAsync(string one, string oneAddress, string other, string otherAddress)
    {
        await IpAsync($"link add {other} netns {_prefix}-{one} type veth peer name {one} netns {_prefix}-{other}");
        await IpAsync($"-n {_prefix}-{one} addr add {oneAddress}/30 dev {other}");
        await IpAsync($"-n {_prefix}-{other} addr add {otherAddress}/30 dev {one}");
        await IpAsync($"-n {_prefix}-{one} link set {other} up");
        await IpAsync($"-n {_prefix}-{other} link set {one} up");
    }

    private static async Task IpAsync(string command) => (await Command.RunAsync("ip", command.Split(' '), null, default)).OrThrow("ip " + command);
}
