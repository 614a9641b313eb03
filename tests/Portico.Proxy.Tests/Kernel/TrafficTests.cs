using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Portico.Net.Processes;
using Portico.Proxy.Services;
using Portico.Proxy.Simulation;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>The same packets on the real kernel and in the simulator: they must agree on who answers and on the source that it sees.</summary>
[Trait("Category", "Root")]
public sealed class TrafficTests
{
    [Theory]
    [InlineData(ProxyMode.Nftables, AddressFamily.InterNetwork)]
    [InlineData(ProxyMode.Iptables, AddressFamily.InterNetwork)]
    [InlineData(ProxyMode.Userspace, AddressFamily.InterNetwork)]
    [InlineData(ProxyMode.Nftables, AddressFamily.InterNetworkV6)]
    [InlineData(ProxyMode.Iptables, AddressFamily.InterNetworkV6)]
    [InlineData(ProxyMode.Userspace, AddressFamily.InterNetworkV6)]
    public Task EverySourceAndFrontend_KernelAgreesWithSimulator(ProxyMode mode, AddressFamily family) =>
        AgreesAsync(family == AddressFamily.InterNetworkV6 ? Make.Options6(mode) : Make.Options(mode));

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    public Task EverySourceAndFrontend_PodsAreMasqueradedToo_KernelAgreesWithSimulator(ProxyMode mode) =>
        AgreesAsync(Make.Options(mode) with { MasqueradeAll = true });

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    public Task EverySourceAndFrontend_PodsCannotBeTold_KernelAgreesWithSimulator(ProxyMode mode) =>
        AgreesAsync(Make.Options(mode) with { Pods = LocalDetector.None });

    /// <summary>Where the modes differ, because upstream's do: only nftables looks at addresses without their ports.</summary>
    [Theory]
    [InlineData(ProxyMode.Nftables, "10.96.0.1", 81, Verdict.Reject)]
    [InlineData(ProxyMode.Userspace, "10.96.0.1", 81, Verdict.Reject)]
    [InlineData(ProxyMode.Iptables, "10.96.0.1", 81, Verdict.Pass)]
    [InlineData(ProxyMode.Nftables, "10.96.9.9", 80, Verdict.Drop)]
    [InlineData(ProxyMode.Userspace, "10.96.9.9", 80, Verdict.Drop)]
    [InlineData(ProxyMode.Iptables, "10.96.9.9", 80, Verdict.Pass)]
    public async Task Tcp_NoFrontend_KernelAgreesWithSimulator(ProxyMode mode, string address, int port, Verdict expected)
    {
        RequireRoot();
        await using var world = await NodeWorld.StartAsync(mode, TrafficTable.AddTo);
        var key = new FrontendKey(IPAddress.Parse(address), TransportProtocol.Tcp, (ushort)port);
        var outcome = Trace(world, NodeWorld.ClientAddress, key);
        Assert.Equal(expected, outcome.Verdict);
        Assert.Null(await Agreement.DisagreementAsync(world, "client", key, outcome, 1));
    }

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task NodePort_AddressOfTheNodeThatServesNone_IsTheHosts(ProxyMode mode)
    {
        RequireRoot();
        const string other = "192.168.77.12";
        await using var world = await NodeWorld.StartAsync(mode, TrafficTable.AddTo);
        await world.RunAsync("ip", "addr", "add", other + "/24", "dev", "eth0");
        await using var host = new EchoServer("host", world.Node, IPEndPoint.Parse(other + ":30001"));

        Assert.StartsWith("host ", await NodeWorld.AskTcpAsync(world.Client, other, 30001), StringComparison.Ordinal);
        Assert.StartsWith("pod", await NodeWorld.AskTcpAsync(world.Client, NodeWorld.NodeAddress, 30001), StringComparison.Ordinal);
    }

    /// <summary>As a host that holds the balancer's address does: its own packets there have that address as their source.</summary>
    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task SourceRanges_BalancerAddressOnTheNode_NodeIsAllowedWhereItsAddressIs(ProxyMode mode)
    {
        RequireRoot();
        await using var world = await NodeWorld.StartAsync(mode, world =>
        {
            foreach (var (name, number, range) in new[] { ("allowed", 1, "192.168.77.11/32"), ("closed", 2, "192.168.77.2/32") })
            {
                world.Services.Set(Make.Service(name, $"10.96.0.{number}", spec => spec with { LoadBalancerSourceRanges = [range] }, $"203.0.113.{number}"));
                world.Slices.Set(Make.Slice(name, NodeWorld.PodPort, Make.Endpoint("10.244.1.5")));
            }
        });
        await world.RunAsync("ip", "addr", "add", "203.0.113.1/32", "dev", "lo");
        await world.RunAsync("ip", "addr", "add", "203.0.113.2/32", "dev", "lo");

        Assert.StartsWith("pod1 ", await NodeWorld.AskTcpAsync(world.Node, "203.0.113.1", 80), StringComparison.Ordinal);
        Assert.Equal("lost", await NodeWorld.AskTcpAsync(world.Node, "203.0.113.2", 80, 300));
        Assert.Equal("lost", await NodeWorld.AskTcpAsync(world.Client, "203.0.113.1", 80, 300));
        Assert.StartsWith("pod1 ", await NodeWorld.AskTcpAsync(world.Client, "203.0.113.2", 80), StringComparison.Ordinal);
    }

    private static async Task AgreesAsync(ServiceProxyOptions options)
    {
        RequireRoot();
        await using var world = await NodeWorld.StartAsync(options, TrafficTable.AddTo);
        Assert.NotEmpty(world.Proxy.Map.Frontends);
        var wrong = new ConcurrentBag<string>();
        var packets = Agreement.Sources(world).SelectMany(_ => world.Proxy.Map.Frontends, (source, frontend) => (source.Name, source.Address, frontend.Key));
        await Parallel.ForEachAsync(packets, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (packet, _) =>
        {
            if (await Agreement.DisagreementAsync(world, packet.Name, packet.Key, Trace(world, packet.Address, packet.Key), 6) is { } what)
            {
                wrong.Add(what);
            }
        });
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal)));
    }

    private static PacketOutcome Trace(NodeWorld world, string source, FrontendKey key) =>
        new PacketSimulator(world.Proxy.Map, world.Options).Trace(new(IPAddress.Parse(source), key.Address, key.Protocol, key.Port));

    private static void RequireRoot() => Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
}
