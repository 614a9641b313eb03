using Portico.Api.Objects;
using Portico.Net.Processes;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Objects that no API server should let pass, beside a Service that is in order: it must not notice.</summary>
[Trait("Category", "Root")]
public sealed class NonsenseTests
{
    private const string Vip = "10.96.0.20";

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task ServicesAndSlicesWithoutSense_HarmOnlyThemselves(ProxyMode mode)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        await using var world = await NodeWorld.StartAsync(mode, world =>
        {
            world.Services.Set(Make.Service("good", Vip, spec => spec with { Type = "NodePort", Ports = [new() { Port = 80, NodePort = 30080 }] }));
            world.Slices.Set(Make.Slice("good", NodeWorld.PodPort, Make.Endpoint("10.244.1.5")));
        });
        using var connection = await EchoConnection.OpenAsync(world, Vip, 80);

        AddNonsense(world);
        await world.AppliedAsync();
        await connection.EchoAsync("beside nonsense");
        await AssertServedByAsync(world, "pod1 ");

        world.Slices.Set(Make.Slice("good", NodeWorld.PodPort, Make.Endpoint("10.244.1.6")));
        await world.AppliedAsync();
        await AssertServedByAsync(world, "pod2 ");

        // What is left of it after a restart is no worse.
        await world.StopProxyAsync();
        world.RestartProxy();
        await world.AppliedAsync();
        await AssertServedByAsync(world, "pod2 ");
    }

    private static void AddNonsense(NodeWorld world)
    {
        var number = 30;
        Add("no-address", spec => spec with { ClusterIP = "what", ClusterIPs = ["what"] });
        Add("ports", spec => spec with { Ports = [new() { Name = "a", Port = 0 }, new() { Name = "b", Port = 99999 }, new() { Name = "c", Port = 80, Protocol = "QUIC" }] });
        Add("one-port-twice", spec => spec with { Ports = [new() { Name = "a", Port = 80 }, new() { Name = "b", Port = 80 }] });
        Add("others-address", spec => spec with { ClusterIP = Vip, ClusterIPs = [Vip] });
        Add("others-node-port", spec => spec with { Type = "NodePort", Ports = [new() { Port = 80, NodePort = 30080 }] });
        Add("external-addresses", spec => spec with { ExternalIPs = ["what", "", "0.0.0.0", "fd00::1", Vip] });
        Add("words", spec => spec with
        {
            Type = "Whatever", InternalTrafficPolicy = "Sometimes", ExternalTrafficPolicy = "Never", SessionAffinity = "Cookie", LoadBalancerSourceRanges = ["all", "10.0.0.0/99"],
        });
        Add("times", spec => spec with { SessionAffinity = "ClientIP", SessionAffinityConfig = new() { ClientIP = new() { TimeoutSeconds = -5 } } });

        world.Slices.Set(Make.Slice("times", NodeWorld.PodPort, Make.Endpoint("what"), Make.Endpoint("::1"), Make.Endpoint("10.244.2.5") with { Addresses = [] }));
        world.Slices.Set(Make.Slice("words", [new() { Name = "", Port = 99999 }, new() { Name = "", Port = null }, new() { Name = "", Port = 1, Protocol = "QUIC" }], Make.Endpoint("10.244.2.5")));
        world.Slices.Set(Make.Slice("nobody", NodeWorld.PodPort, Make.Endpoint("10.244.2.5")));
        world.Slices.Set(Make.Slice("ports", NodeWorld.PodPort, Make.Endpoint("pod.example")) with { AddressType = "FQDN" });

        void Add(string name, Func<ServiceSpec, ServiceSpec> with)
        {
            // Younger than the good one: of two that ask for the same, the older has it.
            var service = Make.Service(name, $"10.96.0.{number++}", with);
            world.Services.Set(service with { Metadata = service.Metadata with { CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(1) } });
            world.Slices.Set(Make.Slice(name, NodeWorld.PodPort, Make.Endpoint("10.244.2.5", "node2")));
        }
    }

    private static async Task AssertServedByAsync(NodeWorld world, string pod)
    {
        Assert.StartsWith(pod, await NodeWorld.AskTcpAsync(world.Client, Vip, 80), StringComparison.Ordinal);
        Assert.StartsWith(pod, await NodeWorld.AskTcpAsync(world.Client, NodeWorld.NodeAddress, 30080), StringComparison.Ordinal);
    }
}
