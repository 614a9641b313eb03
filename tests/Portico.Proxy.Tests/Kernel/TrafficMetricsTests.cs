using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Net.Processes;
using Portico.Proxy.Nftables;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Known connections, and what /metrics says of them.</summary>
[Trait("Category", "Root")]
public sealed class TrafficMetricsTests
{
    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task Nftables_ConnectionsOfEveryKind_CountedOnceEach(AddressFamily family)
    {
        await using var world = await StartAsync(ProxyMode.Nftables, family, node: 0);
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
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task Nftables_ChangesAndARestart_WhatStaysGoesOnAndWhatIsGoneIsGone(AddressFamily family)
    {
        await using var world = await StartAsync(ProxyMode.Nftables, family, node: 0);
        var names = new Names(family);
        await TcpAsync(world.Client, names.ClusterIP, 80, 3);

        world.Slices.Set(names.Slice(names.Pods[1]));
        await world.AppliedAsync();
        await TcpAsync(world.Client, names.ClusterIP, 80, 2);
        string[] Expected(int service, int endpoint) =>
        [
            $"portico_endpoint_connections_total{{{names.Web("", "TCP")},endpoint=\"{names.Pod2}\"}} {endpoint}",
            $"portico_service_connections_total{{{names.Web("", "TCP")}}} {service}",
        ];
        Assert.Equal(Expected(5, 2), await TrafficAsync(world));

        await world.StopProxyAsync();
        await TcpAsync(world.Client, names.ClusterIP, 80, 1);
        world.RestartProxy();
        await world.AppliedAsync();
        Assert.Equal(Expected(6, 3), await TrafficAsync(world));

        // A sum that lost one of its parts would look like a burst of connections to whoever takes its rate.
        await TcpAsync(world.Client, names.Node, 30080, 1);
        world.Services.Set(names.Service(nodePort: 0));
        await world.AppliedAsync();
        Assert.Empty(await TrafficAsync(world));
        await TcpAsync(world.Client, names.ClusterIP, 80, 1);
        Assert.Equal(Expected(1, 1), await TrafficAsync(world));

        world.Services.Remove(Api.Kinds.ObjectKey.Of(names.Service(0)));
        await world.AppliedAsync();
        Assert.Empty(await TrafficAsync(world));
        foreach (var set in new[] { Layout.ServiceConnections, Layout.EndpointConnections })
        {
            Assert.DoesNotContain("elements", await world.NftAsync("list", "set", names.IPv6 ? "ip6" : "ip", Layout.Table, set), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nftables_EndpointOnTheNodeItself_CountedOnceFromOutsideAndFromTheNode()
    {
        await using var world = await StartAsync(ProxyMode.Nftables, AddressFamily.InterNetwork, node: NodeWorld.PodPort);
        var names = new Names(AddressFamily.InterNetwork);
        await using var server = new EchoServer("node", world.Node, new(IPAddress.Any, NodeWorld.PodPort));
        await TcpAsync(world.Client, names.ClusterIP, 80, 2);
        await TcpAsync(world.Node, names.ClusterIP, 80, 3);

        Assert.Equal(
            [
                $"portico_endpoint_connections_total{{{names.Web("", "TCP")},endpoint=\"{NodeWorld.NodeAddress}:{NodeWorld.PodPort}\"}} 5",
                $"portico_service_connections_total{{{names.Web("", "TCP")}}} 5",
            ],
            await TrafficAsync(world));
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

    private static async Task TcpAsync(Net.Namespaces.NetworkNamespace from, string address, int port, int times)
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

        public Service Service(int nodePort) => Make.Service("web", ClusterIP, spec => spec with
        {
            Ports = [new() { Port = 80, NodePort = nodePort }, new() { Name = "udp", Port = 53, Protocol = "UDP" }],
        });

        public EndpointSlice Slice(string address) => Make.Slice("web", NodeWorld.PodPort, Make.Endpoint(address)) with { AddressType = IPv6 ? "IPv6" : "IPv4" };
    }
}
