using System.Net;
using System.Net.Sockets;
using Portico.Net.Processes;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>An association's first packets, written and read frame by frame: translated on the way there and on the way back.</summary>
[Trait("Category", "Root")]
public sealed class SctpTests
{
    private const byte Sctp = 132; // IANA
    private const byte Icmp = 1;
    private const ushort PodPort = 8099;
    private const ushort ClientPort = 40001;

    [Theory]
    [InlineData(ProxyMode.Nftables, AddressFamily.InterNetwork)]
    [InlineData(ProxyMode.Nftables, AddressFamily.InterNetworkV6)]
    [InlineData(ProxyMode.Iptables, AddressFamily.InterNetwork)]
    [InlineData(ProxyMode.Iptables, AddressFamily.InterNetworkV6)]
    public async Task Init_ToEveryFrontend_ReachesTheEndpointAndItsAnswerComesFromTheFrontend(ProxyMode mode, AddressFamily family)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        var options = family == AddressFamily.InterNetworkV6 ? Make.Options6(mode) : Make.Options(mode);
        await using var world = await NodeWorld.StartAsync(options, world =>
        {
            world.Services.Set(Make.Service("signalling", world.Address("10.96.0.20"), spec => spec with
            {
                Ports = [new() { Name = "sctp", Port = 99, Protocol = "SCTP", NodePort = 30099 }],
            }, world.Address("203.0.113.20")));
            world.Slices.Set(Make.Slice("signalling", [new() { Name = "sctp", Port = PodPort, Protocol = "SCTP" }], Make.Endpoint(world.Address("10.244.1.5")))
                with { AddressType = family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4" });
        });
        var (clientAddress, podAddress) = (IPAddress.Parse(world.Address(NodeWorld.ClientAddress)), IPAddress.Parse(world.Address("10.244.1.5")));
        using var client = new RawLink(world.Client, family, world.Node, "eth0");
        using var pod = new RawLink(world.Pods["pod1"].Namespace, family, world.Node, "pod1");
        Assert.Equal(3, world.Proxy.Map.Frontends.Count());
        foreach (var (frontend, tag) in world.Proxy.Map.Frontends.Select((frontend, index) => (frontend.Key, (uint)index + 1)))
        {
            await client.SendAsync(clientAddress, frontend.Address, Sctp, new SctpPacket(ClientPort, frontend.Port, SctpPacket.Init, 0, tag).Write());
            var (source, destination, payload) = await pod.ReceiveAsync(Sctp);
            var init = SctpPacket.Read(payload);
            Assert.Equal((podAddress, PodPort, SctpPacket.Init, tag), (destination, init?.DestinationPort, init?.Chunk, init?.InitiateTag));
            Assert.NotEqual(clientAddress, source); // masqueraded

            await pod.SendAsync(podAddress, source, Sctp, new SctpPacket(PodPort, init!.SourcePort, SctpPacket.InitAck, tag, tag).Write());
            (source, destination, payload) = await client.ReceiveAsync(Sctp);
            var answer = SctpPacket.Read(payload);
            Assert.Equal((frontend.Address, frontend.Port), (source, answer?.SourcePort));
            Assert.Equal((clientAddress, ClientPort, SctpPacket.InitAck), (destination, answer?.DestinationPort, answer?.Chunk));
        }
    }

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    public async Task Init_NoEndpoints_IsAnsweredPortUnreachable(ProxyMode mode)
    {
        const int unreachable = 3; // RFC 792, code 3: port
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        await using var world = await NodeWorld.StartAsync(mode, world =>
            world.Services.Set(Make.Service("signalling", "10.96.0.20", spec => spec with { Ports = [new() { Port = 99, Protocol = "SCTP" }] })));
        using var client = new RawLink(world.Client, AddressFamily.InterNetwork, world.Node, "eth0");

        await client.SendAsync(
            IPAddress.Parse(NodeWorld.ClientAddress), IPAddress.Parse("10.96.0.20"), Sctp, new SctpPacket(ClientPort, 99, SctpPacket.Init, 0, 1).Write());

        var (_, _, error) = await client.ReceiveAsync(Icmp);
        Assert.Equal((unreachable, unreachable, Sctp), (error[0], error[1], error[8 + 9]));
    }
}
