using System.Net;
using System.Net.Sockets;
using System.Text;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Events;
using Portico.Net.Namespaces;
using Portico.Net.Processes;
using Portico.Proxy.Health;
using Portico.Testing.ApiServers;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>
/// A node with two pods, a pod that plays one of another node, and a client on the LAN, each a network namespace, joined by veth pairs.
/// </summary>
internal sealed class NodeWorld : IAsyncDisposable
{
    public const string ClientAddress = "192.168.77.2";
    public const string NodeAddress = "192.168.77.11";
    public const string ClientAddress6 = "fd00:168:77::2";
    public const string NodeAddress6 = "fd00:168:77::11";
    public const int PodPort = 8080;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _prefix = $"pt-proxy-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly List<EchoServer> _servers = [];
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private NodeWorld(ServiceProxyOptions options)
    {
        Node = NetworkNamespace.Create(_prefix + "-node");
        Client = NetworkNamespace.Create(_prefix + "-client");
        Options = options with { Namespace = Node };
    }

    public NetworkNamespace Node { get; }

    public NetworkNamespace Client { get; }

    /// <summary>pod1 and pod2 are on this node, pod3 counts as one of node2.</summary>
    public Dictionary<string, (NetworkNamespace Namespace, string Address)> Pods { get; } = [];

    public ServiceProxyOptions Options { get; private set; }

    public ObjectCache<Service> Services { get; } = new();

    public ObjectCache<EndpointSlice> Slices { get; } = new();

    public ObjectCache<Node> Nodes { get; } = new();

    public CollectedLog Log { get; } = new();

    /// <summary>Where the proxy writes events.</summary>
    public FakeApiServer Api { get; } = new();

    public ServiceProxy Proxy { get; private set; } = null!;

    public static Task<NodeWorld> StartAsync(ProxyMode mode, Action<NodeWorld>? prepare = null) => StartAsync(Make.Options(mode), prepare);

    /// <summary>The world has both address families; the proxy that of <paramref name="options"/>.</summary>
    public static async Task<NodeWorld> StartAsync(ServiceProxyOptions options, Action<NodeWorld>? prepare = null)
    {
        var world = new NodeWorld(options);
        try
        {
            await world.BuildAsync();
            prepare?.Invoke(world);
            world.Services.Replace([.. world.Services.Items]);
            world.Slices.Replace([.. world.Slices.Items]);
            world.Nodes.Replace([]);
            world.StartProxy();
            await world.UntilAsync(() => world.Proxy.IsHealthy, "the proxy to be in sync");
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public void StartProxy()
    {
        var events = new EventRecorder(Api.Client, "portico-node", Options.NodeName, Log, TimeProvider.System);
        Proxy = new(Services, Slices, Nodes, Options, Log, TimeProvider.System, events);
        var status = new StatusServer([Proxy], new() { Namespace = Node }, Log, TimeProvider.System);
        _running = Task.WhenAll(Proxy.RunAsync(_stop.Token), status.RunAsync(_stop.Token), events.RunAsync(_stop.Token));
    }

    /// <summary>As a new process after <see cref="StopProxyAsync"/>: nothing but the kernel remembers.</summary>
    /// <param name="mode">Null: the same as before.</param>
    public void RestartProxy(ProxyMode? mode = null)
    {
        Options = Options with { Mode = mode ?? Options.Mode };
        _stop.Dispose();
        _stop = new();
        StartProxy();
    }

    /// <summary>Asks once over TCP; what the pod says, or "refused" or "lost".</summary>
    public static async Task<string> AskTcpAsync(NetworkNamespace from, string address, int port, int milliseconds = 3000)
    {
        var to = new IPEndPoint(IPAddress.Parse(address), port);
        using var socket = from.Run(() => new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        using var limit = new CancellationTokenSource(milliseconds);
        try
        {
            await socket.ConnectAsync(to, limit.Token);
            var buffer = new byte[256];
            var read = await socket.ReceiveAsync(buffer, limit.Token);
            return read == 0 ? "closed" : Encoding.ASCII.GetString(buffer, 0, read).Trim();
        }
        catch (OperationCanceledException)
        {
            return "lost";
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset ? "refused" : failure.SocketErrorCode.ToString();
        }
    }

    /// <summary>Asks once over UDP from a socket that stays the same for the same <paramref name="socket"/>.</summary>
    public static async Task<string> AskUdpAsync(Socket socket, string address, int port, int milliseconds = 2000)
    {
        using var limit = new CancellationTokenSource(milliseconds);
        try
        {
            if (!socket.Connected)
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), port), limit.Token);
            }

            await socket.SendAsync("?"u8.ToArray(), limit.Token);
            var buffer = new byte[256];
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token)).Trim();
        }
        catch (OperationCanceledException)
        {
            return "lost";
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode == SocketError.ConnectionRefused ? "refused" : failure.SocketErrorCode.ToString();
        }
    }

    /// <summary>The kernel limits how many ICMP errors a client gets, so one may be lost.</summary>
    public static async Task<string> AskUdpUntilRefusedAsync(Socket socket, string address, int port)
    {
        var answer = "";
        for (var attempt = 0; attempt < 20 && (answer is "" or "lost"); attempt++)
        {
            answer = await AskUdpAsync(socket, address, port, 500);
        }

        return answer;
    }

    public static Socket UdpSocket(NetworkNamespace from, AddressFamily family = AddressFamily.InterNetwork) =>
        from.Run(() => new Socket(family, SocketType.Dgram, ProtocolType.Udp));

    /// <summary>The IPv6 address that stands for an IPv4 address: 10.244.1.5 is fd00:244:1::5, the network 10.244.1.0/24 fd00:244:1::/64.</summary>
    public static string Address6(string address)
    {
        var parts = address.Split('.', '/');
        var translated = IPAddress.Parse($"fd00:{parts[1]}:{parts[2]}::{parts[3]}").ToString();
        return parts.Length == 4 ? translated : $"{translated}/{(parts[4] == "32" ? 128 : 64)}";
    }

    /// <summary>An address or network, given as IPv4, in the family of the proxy.</summary>
    public string Address(string address) => Options.Family == AddressFamily.InterNetworkV6 ? Address6(address) : address;

    /// <summary>Waits until the proxy has taken over what is in the caches now.</summary>
    public Task AppliedAsync() => UntilAsync(() => Proxy.IsUpToDate, "the proxy to apply all changes");

    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"waited {Patience.TotalSeconds} s for {what}; log:\n{Log}");
            await Task.Delay(5);
        }
    }

    public Task<string> NftAsync(params string[] arguments) => RunAsync(["nft", .. arguments]);

    /// <summary>Runs a program on the node.</summary>
    public async Task<string> RunAsync(params string[] command) =>
        (await Command.RunInAsync(Node, command[0], command[1..], null, default)).OrThrow(string.Join(' ', command)).Output;

    public async Task StopProxyAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopProxyAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        foreach (var made in NetworkNamespace.List(_prefix))
        {
            made.Delete();
        }

        Api.Dispose();
        _stop.Dispose();
    }

    private async Task BuildAsync()
    {
        var (node, client) = (Node.Name, Client.Name);
        var commands = new List<string>
        {
            $"link add eth0 netns {node} type veth peer name eth0 netns {client}",
            $"-n {node} link set lo up",
            $"-n {client} link set lo up",
            $"-n {node} addr add {NodeAddress}/24 dev eth0",
            $"-n {client} addr add {ClientAddress}/24 dev eth0",
            $"-n {node} link set eth0 up",
            $"-n {client} link set eth0 up",
            $"-n {client} route add default via {NodeAddress}",
            // Stands for the announcer: on the wire nobody answers for the balancer's addresses here.
            $"-n {client} route add 192.168.77.200/29 via {NodeAddress}",
            $"-n {node} route add default via {ClientAddress}",
            $"-n {node} addr add {NodeAddress6}/64 dev eth0 nodad",
            $"-n {client} addr add {ClientAddress6}/64 dev eth0 nodad",
            $"-n {client} -6 route add default via {NodeAddress6}",
            $"-n {node} -6 route add default via {ClientAddress6}",
        };
        foreach (var (name, address) in new[] { ("pod1", "10.244.1.5"), ("pod2", "10.244.1.6"), ("pod3", "10.244.2.5") })
        {
            var pod = NetworkNamespace.Create($"{_prefix}-{name}");
            Pods[name] = (pod, address);
            commands.AddRange(
            [
                $"link add {name} netns {node} type veth peer name eth0 netns {pod.Name}",
                $"-n {pod.Name} link set lo up",
                $"-n {pod.Name} addr add {address}/32 dev eth0",
                $"-n {pod.Name} link set eth0 up",
                $"-n {pod.Name} route add 169.254.1.1 dev eth0",
                $"-n {pod.Name} route add default via 169.254.1.1 dev eth0",
                $"-n {node} addr add 169.254.1.1/32 dev {name}",
                $"-n {node} link set {name} up",
                $"-n {node} route add {address} dev {name} src {NodeAddress}",
                $"-n {pod.Name} addr add {Address6(address)}/128 dev eth0 nodad",
                $"-n {node} addr add fe80::1/64 dev {name} nodad",
                $"-n {pod.Name} -6 route add default via fe80::1 dev eth0",
                $"-n {node} -6 route add {Address6(address)} dev {name}",
            ]);
        }

        foreach (var command in commands)
        {
            (await Command.RunAsync("ip", command.Split(' '), null, default)).OrThrow("ip " + command);
        }

        Node.Run(() =>
        {
            // /proc/sys/net is that of the thread that opens it.
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
            // Each refusal is told.
            File.WriteAllText("/proc/sys/net/ipv4/icmp_ratelimit", "0");
            File.WriteAllText("/proc/sys/net/ipv6/icmp/ratelimit", "0");
            return 0;
        });
        foreach (var (name, pod) in Pods)
        {
            _servers.Add(new(name, pod.Namespace, new(IPAddress.Any, PodPort)));
            _servers.Add(new(name, pod.Namespace, new(IPAddress.Parse(Address6(pod.Address)), PodPort)));
        }
    }
}
