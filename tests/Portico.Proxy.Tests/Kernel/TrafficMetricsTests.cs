using System.Net;
using System.Net.Sockets;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Net.Namespaces;
using Portico.Net.Processes;
using Portico.Proxy.Nftables;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Known connections, and what /metrics says of them.</summary>
[Trait("Category", "Root")]
public sealed class TrafficMetricsTests
{
    [Theory]
    [InlineData(ProxyMode.Nftables, AddressFamily.InterNetwork)]
    [InlineData(ProxyMode.Nftables, AddressFamily.InterNetworkV6)]
    [InlineData(ProxyMode.Iptables, AddressFamily.InterNetwork)]
    [InlineData(ProxyMode.Iptables, AddressFamily.InterNetworkV6)]
    public async Task ConnectionsOfEveryKind_CountedOnceEach(ProxyMode mode, AddressFamily family)
    {
        await using var world = await StartAsync(mode, family, node: 0);
        var names = new Names(family);
        await TcpAsync(world.Client, names.ClusterIP, 80, 3);
        await TcpAsync(world.Client, names.Node, 30080, 2);
        await TcpAsync(world.Node, names.ClusterIP, 80, 1);
        await TcpAsync(world.Pods["pod2"].Namespace, names.ClusterIP, 80, 1);
        await UdpAsync(world, names, flows: 2);

        Assert.Equal(
            [
                $"portico_endpoint_connections_total{{{names.Web("", "TCP")},endpoint=\"{names.Pod1}\"}} 7",
                $"portico_endpoint_connections_total{{{names.Web("udp", "UDP")},endpoint=\"{names.Pod1}\"}} 2",
                $"portico_service_connections_total{{{names.Web("", "TCP")}}} 7",
                $"portico_service_connections_total{{{names.Web("udp", "UDP")}}} 2",
            ],
            await TrafficAsync(world));
    }

    [Theory]
    [InlineData(ProxyMode.Nftables, AddressFamily.InterNetwork)]
    [InlineData(ProxyMode.Nftables, AddressFamily.InterNetworkV6)]
    [InlineData(ProxyMode.Iptables, AddressFamily.InterNetwork)]
    [InlineData(ProxyMode.Iptables, AddressFamily.InterNetworkV6)]
    public async Task ChangesAndARestart_WhatStaysGoesOnAndWhatIsGoneIsGone(ProxyMode mode, AddressFamily family)
    {
        await using var world = await StartAsync(mode, family, node: 0);
        var names = new Names(family);
        await TcpAsync(world.Client, names.ClusterIP, 80, 3);

        world.Slices.Set(names.Slice(names.Pods[1]));
        await world.AppliedAsync();
        await TcpAsync(world.Client, names.ClusterIP, 80, 2);
        Assert.Equal(names.Tcp(5, names.Pod2, 2), await TrafficAsync(world));

        await world.StopProxyAsync();
        await TcpAsync(world.Client, names.ClusterIP, 80, 1);
        world.RestartProxy();
        await world.AppliedAsync();
        Assert.Equal(names.Tcp(6, names.Pod2, 3), await TrafficAsync(world));

        world.Services.Remove(ObjectKey.Of(names.Service(0)));
        await world.AppliedAsync();
        Assert.Empty(await TrafficAsync(world));
        if (mode == ProxyMode.Nftables)
        {
            await AssertNothingCountedAsync(world);
        }
    }

    // A sum that lost one of its parts would look like a burst of connections to whoever takes its rate.
    [Fact]
    public async Task Nftables_AnAddressOfTheServiceGoes_AllOfThePortBeginsAgain()
    {
        await using var world = await StartAsync(ProxyMode.Nftables, AddressFamily.InterNetwork, node: 0);
        var names = new Names(AddressFamily.InterNetwork);
        await TcpAsync(world.Client, names.ClusterIP, 80, 3);
        await TcpAsync(world.Client, names.Node, 30080, 1);

        world.Services.Set(names.Service(nodePort: 0));
        await world.AppliedAsync();

        await AssertNothingCountedAsync(world);
        await TcpAsync(world.Client, names.ClusterIP, 80, 1);
        Assert.Equal(names.Tcp(1, names.Pod1, 1), await TrafficAsync(world));
    }

    [Fact]
    public async Task Nftables_ServiceGoesWhileNoProxyRuns_ItsCountsGoAtTheStart()
    {
        await using var world = await StartAsync(ProxyMode.Nftables, AddressFamily.InterNetwork, node: 0);
        var names = new Names(AddressFamily.InterNetwork);
        await TcpAsync(world.Client, names.ClusterIP, 80, 1);
        await world.StopProxyAsync();
        world.Services.Remove(ObjectKey.Of(names.Service(0)));

        world.RestartProxy();
        await world.AppliedAsync();

        await AssertNothingCountedAsync(world);
    }

    [Fact]
    public async Task Iptables_Metrics_RulesAndUpstreamsNames()
    {
        await using var world = await StartAsync(ProxyMode.Iptables, AddressFamily.InterNetwork, node: 0);
        await TcpAsync(world.Node, "127.0.0.1", 30080, 2);
        var metrics = await MetricsAsync(world);
        var saved = await world.RunAsync("iptables-save");

        foreach (var table in new[] { "nat", "filter", "mangle" })
        {
            var rules = saved.Split('*').Single(part => part.StartsWith(table, StringComparison.Ordinal)).Split('\n').Count(static line => line.StartsWith("-A KUBE-", StringComparison.Ordinal));
            Assert.Contains($"kubeproxy_sync_proxy_rules_iptables_total{{ip_family=\"IPv4\",table=\"{table}\"}} {rules}", metrics);
        }

        Assert.Contains("kubeproxy_iptables_localhost_nodeports_accepted_packets_total{ip_family=\"IPv4\"} 2", metrics);
        Assert.Contains($"portico_service_connections_total{{{new Names(AddressFamily.InterNetwork).Web("", "TCP")}}} 2", metrics);
        foreach (var name in new[]
        {
            "kubeproxy_sync_proxy_rules_iptables_restore_failures_total", "kubeproxy_sync_proxy_rules_iptables_partial_restore_failures_total",
            "kubeproxy_iptables_ct_state_invalid_dropped_packets_total",
        })
        {
            Assert.Contains(name + "{ip_family=\"IPv4\"} 0", metrics);
        }
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task Userspace_ConnectionsAndBytes_CountedUntilTheyAreGone(AddressFamily family)
    {
        await using var world = await StartAsync(ProxyMode.Userspace, family, node: 0);
        var names = new Names(family);
        var (tcp, udp) = (0, 0);
        for (var connection = 0; connection < 3; connection++)
        {
            tcp += await TalkAsync(world, connection < 2 ? names.ClusterIP : names.Node, connection < 2 ? 80 : 30080);
        }

        for (var flow = 0; flow < 2; flow++)
        {
            using var socket = NodeWorld.UdpSocket(world.Client, family);
            udp += (await NodeWorld.AskUdpAsync(socket, names.ClusterIP, 53)).Length + 1;
        }

        string[] Lines(string name, string labels, int connections, int received, int sent) =>
        [
            $"portico_{name}_connections_total{{{labels}}} {connections}", $"portico_{name}_received_bytes_total{{{labels}}} {received}",
            $"portico_{name}_sent_bytes_total{{{labels}}} {sent}",
        ];
        string[] service = [.. Lines("service", names.Web("", "TCP"), 3, 15, tcp), .. Lines("service", names.Web("udp", "UDP"), 2, 2, udp)];
        await UntilAsync(world, [
            .. service, .. Lines("endpoint", $"{names.Web("", "TCP")},endpoint=\"{names.Pod1}\"", 3, 15, tcp),
            .. Lines("endpoint", $"{names.Web("udp", "UDP")},endpoint=\"{names.Pod1}\"", 2, 2, udp)]);

        world.Slices.Set(names.Slice(names.Pods[1]));
        await world.AppliedAsync();
        await UntilAsync(world, service);

        world.Services.Remove(ObjectKey.Of(names.Service(0)));
        await world.AppliedAsync();
        Assert.Empty(await TrafficAsync(world));
    }

    [Fact]
    public async Task Nftables_EndpointOnTheNodeItself_CountedOnceFromOutsideAndFromTheNode()
    {
        await using var world = await StartAsync(ProxyMode.Nftables, AddressFamily.InterNetwork, node: NodeWorld.PodPort);
        var names = new Names(AddressFamily.InterNetwork);
        await using var server = new EchoServer("node", world.Node, new(IPAddress.Any, NodeWorld.PodPort));
        await TcpAsync(world.Client, names.ClusterIP, 80, 2);
        await TcpAsync(world.Node, names.ClusterIP, 80, 3);

        Assert.Equal(names.Tcp(5, $"{NodeWorld.NodeAddress}:{NodeWorld.PodPort}", 5), await TrafficAsync(world));
    }

    /// <param name="node">Not 0: the endpoint is this port of the node.</param>
    private static async Task<NodeWorld> StartAsync(ProxyMode mode, AddressFamily family, int node)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        var names = new Names(family);
        var options = Make.Options(mode) with
        {
            Family = family,
            NodeAddresses = [IPAddress.Parse(names.Node)],
            Pods = LocalDetector.ByNetwork(names.IPv6 ? "fd00:244::/32" : "10.244.0.0/16"),
            ServiceCidrs = [],
        };
        return await NodeWorld.StartAsync(options, world =>
        {
            world.Services.Set(names.Service(nodePort: 30080));
            world.Slices.Set(names.Slice(node == 0 ? names.Pods[0] : names.Node));
        });
    }

    private static async Task TcpAsync(NetworkNamespace from, string address, int port, int times)
    {
        for (var connection = 0; connection < times; connection++)
        {
            Assert.Matches("^(pod|node)", await NodeWorld.AskTcpAsync(from, address, port));
        }
    }

    // More than one datagram before the first answer: it is one flow all the same.
    private static async Task UdpAsync(NodeWorld world, Names names, int flows)
    {
        for (var flow = 0; flow < flows; flow++)
        {
            using var socket = NodeWorld.UdpSocket(world.Client, names.Family);
            await socket.ConnectAsync(IPAddress.Parse(names.ClusterIP), 53);
            await socket.SendAsync("?"u8.ToArray());
            await socket.SendAsync("?"u8.ToArray());
            Assert.StartsWith("pod1 ", await NodeWorld.AskUdpAsync(socket, names.ClusterIP, 53), StringComparison.Ordinal);
        }
    }

    /// <returns>How many bytes came, to the end.</returns>
    private static async Task<int> TalkAsync(NodeWorld world, string address, int port)
    {
        using var limit = new CancellationTokenSource(5000);
        using var socket = world.Client.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp));
        await socket.ConnectAsync(IPAddress.Parse(address), port, limit.Token);
        await socket.SendAsync("hello"u8.ToArray(), limit.Token);
        socket.Shutdown(SocketShutdown.Send);
        var (buffer, total) = (new byte[256], 0);
        while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var read)
        {
            total += read;
        }

        return total;
    }

    // A client may have its bytes a moment before the forwarder has counted them.
    private static async Task UntilAsync(NodeWorld world, string[] wanted)
    {
        Array.Sort(wanted, StringComparer.Ordinal);
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(10);
        var seen = await TrafficAsync(world);
        while (!seen.AsSpan().SequenceEqual(wanted) && DateTime.UtcNow < deadline)
        {
            await Task.Delay(20);
            seen = await TrafficAsync(world);
        }

        Assert.Equal(wanted, seen);
    }

    private static async Task AssertNothingCountedAsync(NodeWorld world)
    {
        foreach (var set in new[] { Layout.ServiceConnections, Layout.EndpointConnections })
        {
            var family = world.Options.Family == AddressFamily.InterNetworkV6 ? "ip6" : "ip";
            Assert.DoesNotContain("elements", await world.NftAsync("list", "set", family, Layout.Table, set), StringComparison.Ordinal);
        }
    }

    private static async Task<string[]> TrafficAsync(NodeWorld world) =>
        [.. (await MetricsAsync(world)).Where(static line => line.StartsWith("portico_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static async Task<string[]> MetricsAsync(NodeWorld world)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) =>
            {
                var socket = world.Node.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler);
        return (await http.GetStringAsync(new Uri("http://127.0.0.1:10249/metrics"))).Split('\n');
    }

    private sealed record Names(AddressFamily Family)
    {
        public bool IPv6 => Family == AddressFamily.InterNetworkV6;

        public string ClusterIP => IPv6 ? "fd00:96::20" : "10.96.0.20";

        public string Node => IPv6 ? NodeWorld.NodeAddress6 : NodeWorld.NodeAddress;

        public string[] Pods => IPv6 ? ["fd00:244:1::5", "fd00:244:1::6"] : ["10.244.1.5", "10.244.1.6"];

        public string Pod1 => new IPEndPoint(IPAddress.Parse(Pods[0]), NodeWorld.PodPort).ToString();

        public string Pod2 => new IPEndPoint(IPAddress.Parse(Pods[1]), NodeWorld.PodPort).ToString();

        public string Web(string port, string protocol) =>
            $"ip_family=\"{(IPv6 ? "IPv6" : "IPv4")}\",namespace=\"shop\",service=\"web\",port=\"{port}\",protocol=\"{protocol}\"";

        public string[] Tcp(int service, string endpoint, int ofEndpoint) =>
        [
            $"portico_endpoint_connections_total{{{Web("", "TCP")},endpoint=\"{endpoint}\"}} {ofEndpoint}",
            $"portico_service_connections_total{{{Web("", "TCP")}}} {service}",
        ];

        public Service Service(int nodePort) => Make.Service("web", ClusterIP, spec => spec with
        {
            Ports = [new() { Port = 80, NodePort = nodePort }, new() { Name = "udp", Port = 53, Protocol = "UDP" }],
        });

        public EndpointSlice Slice(string address) => Make.Slice("web", NodeWorld.PodPort, Make.Endpoint(address)) with { AddressType = IPv6 ? "IPv6" : "IPv4" };
    }
}
