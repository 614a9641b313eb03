using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Net.Processes;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>NodePorts on the node's own loopback.</summary>
[Trait("Category", "Root")]
public sealed class LocalhostTests
{
    private const string Loopback = "127.0.0.1";
    private const string Loopback6 = "::1";

    [Theory]
    [InlineData(ProxyMode.Nftables, Loopback)]
    [InlineData(ProxyMode.Nftables, Loopback6)]
    [InlineData(ProxyMode.Iptables, Loopback)]
    [InlineData(ProxyMode.Iptables, Loopback6)]
    public async Task NodePort_OnLoopback_TcpAndUdpAsLongAsTheServiceHasIt(ProxyMode mode, string loopback)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        var ipv6 = loopback == Loopback6;
        var family = ipv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var (pod1, pod2) = ipv6 ? ("fd00:244:1::5", "fd00:244:1::6") : ("10.244.1.5", "10.244.1.6");
        var options = ipv6 ? Make.Options6(mode) : Make.Options(mode);
        await using var world = await NodeWorld.StartAsync(options, world =>
        {
            world.Services.Set(Service(30080, 30053));
            world.Slices.Set(Slice(pod1));
        });
        Assert.StartsWith("pod1 ", await NodeWorld.AskTcpAsync(world.Node, loopback, 30080), StringComparison.Ordinal);
        Assert.StartsWith("pod1 ", await AskUdpAsync(), StringComparison.Ordinal);
        Assert.Equal("0", world.Node.Run(() => File.ReadAllText("/proc/sys/net/ipv4/conf/all/route_localnet").Trim()));

        world.Slices.Set(Slice(pod2));
        await world.AppliedAsync();
        Assert.StartsWith("pod2 ", await NodeWorld.AskTcpAsync(world.Node, loopback, 30080), StringComparison.Ordinal);

        world.Services.Set(Service(0, 0));
        await world.AppliedAsync();
        Assert.Equal("refused", await NodeWorld.AskTcpAsync(world.Node, loopback, 30080));

        Service Service(int tcp, int udp) => Make.Service("web", ipv6 ? "fd00:96::20" : "10.96.0.20", spec => spec with
        {
            Ports = [new() { Port = 80, NodePort = tcp }, new() { Name = "udp", Port = 53, Protocol = "UDP", NodePort = udp }],
        });

        EndpointSlice Slice(string pod) => Make.Slice("web", NodeWorld.PodPort, Make.Endpoint(pod)) with { AddressType = ipv6 ? "IPv6" : "IPv4" };

        async Task<string> AskUdpAsync()
        {
            using var socket = NodeWorld.UdpSocket(world.Node, family);
            return await NodeWorld.AskUdpAsync(socket, loopback, 30053);
        }
    }

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    public async Task NodePort_SwitchedOffOnLoopback_OnTheNodesAddressOnly(ProxyMode mode)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        await using var world = await NodeWorld.StartAsync(Make.Options(mode) with { LocalhostNodePorts = false }, world =>
        {
            world.Services.Set(Make.Service("web", "10.96.0.20", spec => spec with { Ports = [new() { Port = 80, NodePort = 30080 }] }));
            world.Slices.Set(Make.Slice("web", NodeWorld.PodPort, Make.Endpoint("10.244.1.5")));
        });

        Assert.Equal("refused", await NodeWorld.AskTcpAsync(world.Node, Loopback, 30080));
        Assert.StartsWith("pod1 ", await NodeWorld.AskTcpAsync(world.Node, NodeWorld.NodeAddress, 30080), StringComparison.Ordinal);
    }
}
