using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Net.Processes;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>NodePorts on the node's own loopback.</summary>
[Trait("Category", "Root")]
public sealed class LocalhostTests
{
    [Theory]
    [InlineData(AddressFamily.InterNetwork, "127.0.0.1", "10.244.1.5", "10.244.1.6")]
    [InlineData(AddressFamily.InterNetworkV6, "::1", "fd00:244:1::5", "fd00:244:1::6")]
    public async Task NodePort_OnLoopback_TcpAndUdpAsLongAsTheServiceHasIt(AddressFamily family, string loopback, string pod1, string pod2)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        var ipv6 = family == AddressFamily.InterNetworkV6;
        var options = Make.Options() with
        {
            Family = family,
            NodeAddresses = [IPAddress.Parse(ipv6 ? NodeWorld.NodeAddress6 : NodeWorld.NodeAddress)],
            Pods = LocalDetector.ByNetwork(ipv6 ? "fd00:244::/32" : "10.244.0.0/16"),
            ServiceCidr = null,
        };
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
}
