using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Portico.Api.Objects;
using Portico.Net.Conntrack;
using Portico.Net.Netlink;
using Portico.Net.Processes;
using Portico.Net.Sockets;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>What changes do to connections, on the real kernel.</summary>
[Trait("Category", "Root")]
public sealed class ChangeTests
{
    private const string Vip = "10.96.0.20";
    private static readonly Endpoint Pod1 = Make.Endpoint("10.244.1.5");
    private static readonly Endpoint Pod2 = Make.Endpoint("10.244.1.6");
    private static readonly Endpoint Pod3 = Make.Endpoint("10.244.2.5", "node2");

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task Udp_EndpointReplaced_SameClientSocketMovesOver(ProxyMode mode)
    {
        RequireRoot();
        await using var world = await StartAsync(mode, null, Pod1);
        using var client = NodeWorld.UdpSocket(world.Client);
        Assert.StartsWith("pod1 ", await NodeWorld.AskUdpAsync(client, Vip, 53), StringComparison.Ordinal);

        await SetEndpointsAsync(world, Pod2);

        Assert.StartsWith("pod2 ", await NodeWorld.AskUdpAsync(client, Vip, 53), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Udp_ServiceDeleted_FlowIsForgotten()
    {
        RequireRoot();
        await using var world = await StartAsync(ProxyMode.Nftables, null, Pod1);
        using var client = NodeWorld.UdpSocket(world.Client);
        Assert.StartsWith("pod1 ", await NodeWorld.AskUdpAsync(client, Vip, 53), StringComparison.Ordinal);

        world.Services.Remove(new("shop", "web"));
        await world.AppliedAsync();

        Assert.Equal("lost", await NodeWorld.AskUdpAsync(client, Vip, 53, 300));
    }

    [Fact]
    public async Task Udp_ServiceWithoutEndpoints_GetsThemLater_SameSocketIsServed()
    {
        RequireRoot();
        await using var world = await StartAsync(ProxyMode.Nftables, null);
        using var client = NodeWorld.UdpSocket(world.Client);
        Assert.Contains(await NodeWorld.AskUdpAsync(client, Vip, 53, 300), new[] { "refused", "lost" });

        await SetEndpointsAsync(world, Pod2);

        Assert.StartsWith("pod2 ", await NodeWorld.AskUdpAsync(client, Vip, 53), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task EndpointAndServiceRemoved_EstablishedConnection_LivesOn(ProxyMode mode)
    {
        RequireRoot();
        await using var world = await StartAsync(mode, null, Pod1);
        using var connection = await EchoConnection.OpenAsync(world, Vip, 80);

        await SetEndpointsAsync(world, Pod2);
        Assert.StartsWith("pod2 ", await NodeWorld.AskTcpAsync(world.Client, Vip, 80), StringComparison.Ordinal);
        await connection.EchoAsync("after the endpoint went");

        world.Services.Remove(new("shop", "web"));
        await world.AppliedAsync();
        Assert.NotEqual("pod2", (await NodeWorld.AskTcpAsync(world.Client, Vip, 80, 300)).Split(' ')[0]);
        await connection.EchoAsync("after the service went");
    }

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task EndpointRemoved_ServiceAsksToCut_ConnectionIsBroken(ProxyMode mode)
    {
        RequireRoot();
        await using var world = await StartAsync(mode, null, Pod1);
        var service = world.Services.Get(new("shop", "web"))!;
        world.Services.Set(service with
        {
            Metadata = service.Metadata with { Annotations = new Dictionary<string, string> { [ConnectionOptions.DrainAnnotation] = "cut" }, ResourceVersion = "cut" },
        });
        await world.AppliedAsync();
        using var connection = await EchoConnection.OpenAsync(world, Vip, 80);
        await connection.EchoAsync("before");

        await SetEndpointsAsync(world, Pod1, Pod2);
        await connection.EchoAsync("while its endpoint stays");
        await SetEndpointsAsync(world, Pod2);

        await Assert.ThrowsAsync<SocketException>(() => connection.EchoAsync("after its endpoint went"));
    }

    [Fact]
    public async Task Udp_AddressWithdrawn_OnlyItsOwnFlowsAreForgotten()
    {
        RequireRoot();
        const string balancer = "192.168.77.200";
        await using var world = await StartAsync(ProxyMode.Nftables, null, Pod1);
        var service = world.Services.Get(new("shop", "web"))!;
        world.Services.Set(service with
        {
            Metadata = service.Metadata with { ResourceVersion = "with" },
            Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = balancer }] } },
        });
        await world.AppliedAsync();
        using var withdrawn = NodeWorld.UdpSocket(world.Client);
        using var kept = NodeWorld.UdpSocket(world.Client);
        Assert.StartsWith("pod1 ", await NodeWorld.AskUdpAsync(withdrawn, balancer, 53), StringComparison.Ordinal);
        Assert.StartsWith("pod1 ", await NodeWorld.AskUdpAsync(kept, Vip, 53), StringComparison.Ordinal);

        world.Services.Set(service with { Metadata = service.Metadata with { ResourceVersion = "without" } });
        await world.AppliedAsync();

        using var conntrack = new ConntrackTable(NetlinkConstants.FamilyIPv4, world.Node);
        Assert.Equal(Vip, Assert.Single(conntrack.List(ProtocolType.Udp, null)).Destination.Address.ToString());
    }

    [Fact]
    public async Task Udp_NodePort_FlowsToTheSamePortElsewhereStay()
    {
        RequireRoot();
        await using var world = await StartAsync(
            ProxyMode.Nftables, spec => spec with { Type = "NodePort", Ports = [new() { Name = "udp", Port = 53, Protocol = "UDP", NodePort = NodeWorld.PodPort }] }, Pod1);
        using var nodePort = NodeWorld.UdpSocket(world.Client);
        using var passing = NodeWorld.UdpSocket(world.Client);
        Assert.StartsWith("pod1 ", await NodeWorld.AskUdpAsync(nodePort, NodeWorld.NodeAddress, NodeWorld.PodPort), StringComparison.Ordinal);
        Assert.StartsWith("pod3 ", await NodeWorld.AskUdpAsync(passing, "10.244.2.5", NodeWorld.PodPort), StringComparison.Ordinal);

        await SetEndpointsAsync(world, Pod2);

        using var conntrack = new ConntrackTable(NetlinkConstants.FamilyIPv4, world.Node);
        Assert.Equal("10.244.2.5", Assert.Single(conntrack.List(ProtocolType.Udp, null)).Destination.Address.ToString());
        Assert.StartsWith("pod2 ", await NodeWorld.AskUdpAsync(nodePort, NodeWorld.NodeAddress, NodeWorld.PodPort), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task ClientEndsItsSide_ServerStillAnswers(ProxyMode mode)
    {
        RequireRoot();
        await using var world = await StartAsync(mode, null, Pod1);
        using var connection = await EchoConnection.OpenAsync(world, Vip, 80);
        await connection.EchoAsync("half");
        connection.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("end", await connection.ReadAsync());
    }

    [Theory]
    [InlineData("delete table ip portico-proxy")]
    [InlineData("flush table ip portico-proxy")]
    [InlineData("flush map ip portico-proxy endpoints")]
    [InlineData("flush chain ip portico-proxy services")]
    [InlineData("delete element ip portico-proxy service-ips { 10.96.0.20 . tcp . 80 }")]
    [InlineData("flush ruleset")]
    public async Task SomebodyElseRemovesRules_Repaired(string command)
    {
        RequireRoot();
        await using var world = await StartAsync(ProxyMode.Nftables, null, Pod1);
        using var connection = await EchoConnection.OpenAsync(world, Vip, 80);
        var before = await RulesAsync(world);

        await world.NftAsync(command.Split(' '));

        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(10);
        string after;
        while ((after = await ListOrNothingAsync(world)) != before)
        {
            Assert.True(DateTime.UtcNow < deadline, $"not repaired after 10 s:\n{after}\nwanted:\n{before}");
            await Task.Delay(20);
        }

        Assert.StartsWith("pod1 ", await NodeWorld.AskTcpAsync(world.Client, Vip, 80), StringComparison.Ordinal);
        await connection.EchoAsync("after the repair");
    }

    [Fact]
    public async Task Restart_LeftoversOfTheLastRun_OnlyDifferencesAreWritten()
    {
        RequireRoot();
        await using var world = await StartAsync(ProxyMode.Nftables, null, Pod1, Pod2);
        using var connection = await EchoConnection.OpenAsync(world, Vip, 80);
        var before = await RulesAsync(world);
        await world.StopProxyAsync();
        Assert.StartsWith("pod", await NodeWorld.AskTcpAsync(world.Client, Vip, 80), StringComparison.Ordinal);
        await world.NftAsync("add", "element", "ip", "portico-proxy", "cluster-ips", "{ 10.96.9.9 }");

        world.RestartProxy();
        await world.AppliedAsync();

        Assert.Equal(before, await RulesAsync(world));
        await connection.EchoAsync("after the restart");
        Assert.Contains("(1 deleted, 0 added)", world.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("is replaced", world.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Userspace_RoundRobin_IsStrict()
    {
        RequireRoot();
        await using var world = await StartAsync(ProxyMode.Userspace, null, Pod1, Pod2, Pod3);
        var answers = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            answers.Add((await NodeWorld.AskTcpAsync(world.Client, Vip, 80)).Split(' ')[0]);
        }

        Assert.Equal([4, 4, 4], answers.GroupBy(answer => answer).Select(group => group.Count()));
    }

    [Fact]
    public async Task Userspace_DeadEndpoint_NextIsTried()
    {
        RequireRoot();
        await using var world = await StartAsync(ProxyMode.Userspace, null, Make.Endpoint("10.244.1.5"), Make.Endpoint("10.244.1.99"));
        for (var i = 0; i < 4; i++)
        {
            Assert.StartsWith("pod1 ", await NodeWorld.AskTcpAsync(world.Client, Vip, 80), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Health_OfProxyAndService_Answered()
    {
        RequireRoot();
        await using var world = await NodeWorld.StartAsync(ProxyMode.Nftables, world =>
        {
            world.Services.Set(Make.Service("web", Vip, spec => spec with { Type = "LoadBalancer", ExternalTrafficPolicy = "Local", HealthCheckNodePort = 31000 }));
            world.Slices.Set(Make.Slice("web", NodeWorld.PodPort, Pod1, Pod3));
        });
        Assert.Contains("\"healthy\":true", await GetAsync(world, NodeWorld.NodeAddress, 10256, "/healthz"), StringComparison.Ordinal);
        var one = await GetAsync(world, NodeWorld.NodeAddress, 31000, "/");
        Assert.StartsWith("HTTP/1.1 200 ", one, StringComparison.Ordinal);
        Assert.Contains("X-Load-Balancing-Endpoint-Weight: 1\r\n", one, StringComparison.Ordinal);

        await SetEndpointsAsync(world, Pod3);

        Assert.StartsWith("HTTP/1.1 503 ", await GetAsync(world, NodeWorld.NodeAddress, 31000, "/"), StringComparison.Ordinal);
        world.Nodes.Set(new() { Metadata = new() { Name = "node1" }, Spec = new() { Taints = [new() { Key = "ToBeDeletedByClusterAutoscaler" }] } });
        Assert.StartsWith("HTTP/1.1 503 ", await GetAsync(world, NodeWorld.NodeAddress, 10256, "/healthz"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await GetAsync(world, NodeWorld.NodeAddress, 10256, "/livez"), StringComparison.Ordinal);
    }

    private static async Task<string> GetAsync(NodeWorld world, string address, int port, string path)
    {
        using var limit = new CancellationTokenSource(5000);
        using var socket = new SocketFactory(world.Client).Tcp(AddressFamily.InterNetwork);
        await socket.ConnectAsync(IPEndPoint.Parse($"{address}:{port}"), limit.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"), limit.Token);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var read)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    private static async Task<string> ListOrNothingAsync(NodeWorld world)
    {
        try
        {
            return await RulesAsync(world);
        }
        catch (IOException)
        {
            return "";
        }
    }

    // Without what packets have counted.
    private static async Task<string> RulesAsync(NodeWorld world) => Regex.Replace(
        await world.NftAsync("-s", "list", "table", "ip", "portico-proxy"), @"(?<=set (service|endpoint)-connections [^}]*)\s*elements = \{[^}]*\}", "");

    private static void RequireRoot() => Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");

    private static Task<NodeWorld> StartAsync(ProxyMode mode, Func<ServiceSpec, ServiceSpec>? with, params Endpoint[] endpoints) => NodeWorld.StartAsync(mode, world =>
    {
        world.Services.Set(Make.Service("web", Vip, spec =>
        {
            spec = spec with { Ports = [new() { Port = 80 }, new() { Name = "udp", Port = 53, Protocol = "UDP" }] };
            return with?.Invoke(spec) ?? spec;
        }));
        world.Slices.Set(Make.Slice("web", NodeWorld.PodPort, endpoints));
    });

    private static async Task SetEndpointsAsync(NodeWorld world, params Endpoint[] endpoints)
    {
        world.Slices.Set(Make.Slice("web", NodeWorld.PodPort, endpoints));
        await world.AppliedAsync();
    }
}
