using System.Net;
using Portico.Net.Processes;
using Portico.Proxy.Services;
using Portico.Proxy.Simulation;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Ports of a balancer's address that no Service has.</summary>
[Trait("Category", "Root")]
public sealed class BalancerAddressTests
{
    private const string Ours = "192.168.77.200";
    private const string Others = "192.168.77.201";

    [Fact]
    public async Task UndefinedPort_RefusedOnAddressesOfAPoolOnly()
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        await using var world = await NodeWorld.StartAsync(ProxyMode.Nftables, world =>
        {
            world.Services.Set(Make.Allocated(Make.Service("ours", "10.96.0.20", null, Ours)));
            world.Services.Set(Make.Service("others", "10.96.0.21", null, Others));
            world.Slices.Set(Make.Slice("ours", NodeWorld.PodPort, Make.Endpoint("10.244.1.5")));
        });
        var simulator = new PacketSimulator(world.Proxy.Map, world.Options);

        Assert.Equal(Verdict.Reject, Simulate(Ours));
        Assert.Equal("refused", await NodeWorld.AskTcpAsync(world.Client, Ours, 81));
        Assert.Equal("refused", await NodeWorld.AskTcpAsync(world.Pods["pod1"].Namespace, Ours, 81));
        using var udp = NodeWorld.UdpSocket(world.Client);
        Assert.Equal("refused", await NodeWorld.AskUdpUntilRefusedAsync(udp, Ours, 80));
        Assert.StartsWith("pod1 ", await NodeWorld.AskTcpAsync(world.Client, Ours, 80), StringComparison.Ordinal);

        Assert.Equal(Verdict.Pass, Simulate(Others));
        Assert.NotEqual("refused", await NodeWorld.AskTcpAsync(world.Client, Others, 81, 300));

        Verdict Simulate(string address) => simulator.Trace(new(IPAddress.Parse(NodeWorld.ClientAddress), IPAddress.Parse(address), TransportProtocol.Tcp, 81)).Verdict;
    }
}
