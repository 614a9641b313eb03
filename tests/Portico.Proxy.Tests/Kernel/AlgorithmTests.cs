using System.Net.Sockets;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Net.Processes;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>How endpoints are chosen by the annotation, on the real kernel.</summary>
[Trait("Category", "Root")]
public sealed class AlgorithmTests
{
    private const string Vip = "10.96.0.20";

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task RoundRobin_EachServiceByItself_IsStrict(ProxyMode mode)
    {
        await using var world = await StartAsync("round-robin", mode);
        var (one, other) = (new List<string>(), new List<string>());
        for (var i = 0; i < 9; i++)
        {
            one.Add(await AskAsync(world, Vip));
            other.Add(await AskAsync(world, "10.96.0.21"));
        }

        Assert.All(new[] { one, other }, answers => Assert.Equal([3, 3, 3], answers.GroupBy(answer => answer).Select(group => group.Count())));
    }

    [Fact]
    public async Task RoundRobin_EndpointsChangeAndServiceGoes_ChainsGoToo()
    {
        await using var world = await StartAsync("round-robin");
        world.Slices.Set(Make.Slice("one", NodeWorld.PodPort, Make.Endpoint("10.244.1.5"), Make.Endpoint("10.244.1.6")));
        await world.AppliedAsync();
        Assert.Equal([2, 2], (await AskManyAsync(world, 4)).GroupBy(answer => answer).Select(group => group.Count()));
        Assert.Contains("rotate-10.96.0.20-tcp-80-2", await ChainsAsync(world), StringComparison.Ordinal);
        Assert.DoesNotContain("rotate-10.96.0.20-tcp-80-3", await ChainsAsync(world), StringComparison.Ordinal);

        world.Services.Remove(new("shop", "one"));
        await world.AppliedAsync();

        Assert.DoesNotContain("rotate-10.96.0.20", await ChainsAsync(world), StringComparison.Ordinal);
        Assert.Contains("rotate-10.96.0.21", await ChainsAsync(world), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SourceHash_OneClient_AlwaysTheSameEndpoint()
    {
        await using var world = await StartAsync("source-hash");
        Assert.Single((await AskManyAsync(world, 12)).Distinct());
        using var udp = NodeWorld.UdpSocket(world.Client);
        Assert.StartsWith("pod", await NodeWorld.AskUdpAsync(udp, Vip, 53), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Maglev_ManyConnections_AllEndpoints(bool ipv6)
    {
        await using var world = await StartAsync("maglev", ipv6 ? Make.Options6() : Make.Options());
        Assert.Equal(3, (await AskManyAsync(world, 40)).Distinct().Count());
        using var udp = NodeWorld.UdpSocket(world.Client, world.Options.Family);
        Assert.StartsWith("pod", await NodeWorld.AskUdpAsync(udp, world.Address(Vip), 53), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProxyMode.Nftables, "fastest", "'fastest' is none of random, round-robin, source-hash, maglev; random is used")]
    [InlineData(ProxyMode.Iptables, "maglev", "only mode nftables can do maglev; random is used")]
    public async Task UnknownOrImpossible_ServedAtRandomAndSaidOncePerChange(ProxyMode mode, string algorithm, string problem)
    {
        const string annotation = "metadata.annotations[portico.dev/algorithm]: ";
        await using var world = await StartAsync(algorithm, mode);
        Assert.StartsWith("pod", await AskAsync(world, Vip), StringComparison.Ordinal);

        world.Slices.Set(Make.Slice("one", NodeWorld.PodPort, Make.Endpoint("10.244.1.5")));
        await world.AppliedAsync();
        var service = world.Services.Get(new("shop", "one"))!;
        world.Services.Set(Make.Annotated(service with { Metadata = service.Metadata with { ResourceVersion = "again" } }, ("portico.dev/algorithm", "slowest")));
        await world.AppliedAsync();

        await world.UntilAsync(() => Events().Count == 2, "an event for each of the two values");
        Assert.Equal([(annotation + problem, 1), (annotation + "'slowest' is none of random, round-robin, source-hash, maglev; random is used", 1)], Events());

        List<(string Message, int Count)> Events() => [.. world.Api.List(KnownKinds.Events)
            .Where(found => found is { Type: "Warning", Reason: "NotAsSpecified", InvolvedObject: { Kind: "Service", Name: "one" } })
            .OrderBy(found => found.FirstTimestamp).Select(found => (found.Message ?? "", found.Count ?? 0))];
    }

    private static async Task<string> AskAsync(NodeWorld world, string address) => (await NodeWorld.AskTcpAsync(world.Client, world.Address(address), 80)).Split(' ')[0];

    private static async Task<List<string>> AskManyAsync(NodeWorld world, int count)
    {
        var answers = new List<string>();
        for (var i = 0; i < count; i++)
        {
            answers.Add(await AskAsync(world, Vip));
        }

        return answers;
    }

    private static Task<string> ChainsAsync(NodeWorld world) => world.NftAsync("list", "table", "ip", "portico-proxy");

    private static Task<NodeWorld> StartAsync(string algorithm, ProxyMode mode = ProxyMode.Nftables) => StartAsync(algorithm, Make.Options(mode));

    private static Task<NodeWorld> StartAsync(string algorithm, ServiceProxyOptions options)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        return NodeWorld.StartAsync(options, world =>
        {
            Endpoint[] endpoints = [Make.Endpoint(world.Address("10.244.1.5")), Make.Endpoint(world.Address("10.244.1.6")), Make.Endpoint(world.Address("10.244.2.5"), "node2")];
            foreach (var (name, address) in new[] { ("one", Vip), ("other", "10.96.0.21") })
            {
                var service = Make.Service(name, world.Address(address), spec => spec with { Ports = [new() { Port = 80 }, new() { Name = "udp", Port = 53, Protocol = "UDP" }] });
                world.Services.Set(Make.Annotated(service, ("portico.dev/algorithm", algorithm)));
                world.Slices.Set(Make.Slice(name, NodeWorld.PodPort, endpoints) with { AddressType = options.Family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4" });
            }
        });
    }
}
