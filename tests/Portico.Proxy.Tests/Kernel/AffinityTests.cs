using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Portico.Api.Objects;
using Portico.Net.Processes;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>sessionAffinity ClientIP on the real kernel: one endpoint a client and Service port, in every mode and over both families.</summary>
[Trait("Category", "Root")]
public sealed partial class AffinityTests
{
    private static readonly string[] Pods = ["10.244.1.5", "10.244.1.6", "10.244.2.5"];

    [Theory]
    [InlineData(ProxyMode.Nftables, false)]
    [InlineData(ProxyMode.Nftables, true)]
    [InlineData(ProxyMode.Iptables, false)]
    [InlineData(ProxyMode.Iptables, true)]
    [InlineData(ProxyMode.Userspace, false)]
    [InlineData(ProxyMode.Userspace, true)]
    public async Task OneClient_ClusterIPAndNodePort_SameEndpointUntilItGoes(ProxyMode mode, bool ipv6)
    {
        await using var world = await StartAsync(mode, ipv6, null, Pods);
        foreach (var udp in (bool[])[false, true])
        {
            SetEndpoints(world, ipv6, Pods);
            await world.AppliedAsync();
            var first = await AskClusterIPAsync(world, ipv6, udp);
            await AssertStaysAsync(world, ipv6, udp, first);

            if (mode != ProxyMode.Userspace)
            {
                // Nothing but the kernel remembers.
                await world.StopProxyAsync();
                world.RestartProxy();
                await world.AppliedAsync();
                await AssertStaysAsync(world, ipv6, udp, first);
            }

            SetEndpoints(world, ipv6, [.. Pods.Where(pod => pod != world.Pods[first].Address)]);
            await world.AppliedAsync();
            var second = await AskClusterIPAsync(world, ipv6, udp);
            Assert.NotEqual(first, second);
            SetEndpoints(world, ipv6, Pods);
            await world.AppliedAsync();
            await AssertStaysAsync(world, ipv6, udp, second);
        }
    }

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task PolicyLocalOfNodePorts_ClientKnownElsewhereByClusterIP_StaysOnThisNode(ProxyMode mode)
    {
        await using var world = await StartAsync(mode, false, spec => spec with { ExternalTrafficPolicy = "Local" }, Pods[2]);
        Assert.Equal("pod3", await AskClusterIPAsync(world, false, udp: false));
        SetEndpoints(world, false, Pods);
        await world.AppliedAsync();
        var here = await AskNodePortAsync(world, false, udp: false);
        Assert.NotEqual("pod3", here);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(here, await AskNodePortAsync(world, false, udp: false));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Timeout_EveryConnectionRenewsIt_ThenTheClientIsForgotten(bool ipv6)
    {
        await using var world = await StartAsync(ProxyMode.Nftables, ipv6, spec => WithTimeout(spec, 86400), Pods);
        await AskClusterIPAsync(world, ipv6, udp: false);
        var before = await ReadAsync(world, ipv6, _ => true);
        var low = await ReadAsync(world, ipv6, left => left < before - TimeSpan.FromMilliseconds(300));
        // Again if reading it took so long.
        await UntilAsync(
            async () =>
            {
                await AskNodePortAsync(world, ipv6, udp: false);
                return await ReadAsync(world, ipv6, _ => true) > low;
            },
            "a new connection to renew the time");

        var service = world.Services.Get(new("shop", "web"))!;
        world.Services.Set(service with { Metadata = service.Metadata with { ResourceVersion = "short" }, Spec = WithTimeout(service.Spec, 1) });
        await world.AppliedAsync();
        await AskClusterIPAsync(world, ipv6, udp: false);
        await ReadAsync(world, ipv6, left => left is null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RulesThatNftCannotWrite_OtherProgramsReadThemAndGoOn(bool ipv6)
    {
        await using var world = await StartAsync(ProxyMode.Nftables, ipv6, null, Pods);
        var first = await AskClusterIPAsync(world, ipv6, udp: false);

        var listing = await world.NftAsync("list", "ruleset");
        Assert.Contains("map @affinity comment \"address and port of the key", listing, StringComparison.Ordinal);
        Assert.Contains("goto pick-3", listing, StringComparison.Ordinal);
        Assert.Contains("sticky-pick-3", await world.NftAsync("-j", "list", "ruleset"), StringComparison.Ordinal);
        await world.NftAsync("add", "table", "inet", "somebody-else");
        await world.RunAsync(ipv6 ? "ip6tables" : "iptables", "-t", "nat", "-S");

        // Somebody empties one of the chains: it comes back by itself.
        var chain = (string[])["chain", ipv6 ? "ip6" : "ip", "portico-proxy", "sticky-pick-3"];
        await world.NftAsync(["flush", .. chain]);
        await UntilAsync(async () => (await world.NftAsync(["list", .. chain])).Contains("goto pick-3", StringComparison.Ordinal), "the chain to be repaired");
        await AssertStaysAsync(world, ipv6, udp: false, first);
        Assert.DoesNotContain("is replaced", world.Log.ToString(), StringComparison.Ordinal);
    }

    private static async Task AssertStaysAsync(NodeWorld world, bool ipv6, bool udp, string endpoint)
    {
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal((endpoint, endpoint), (await AskClusterIPAsync(world, ipv6, udp), await AskNodePortAsync(world, ipv6, udp)));
        }
    }

    private static Task<string> AskClusterIPAsync(NodeWorld world, bool ipv6, bool udp) => AskAsync(world, ipv6, ipv6 ? "fd00:96::20" : "10.96.0.20", udp ? 53 : 80, udp);

    private static Task<string> AskNodePortAsync(NodeWorld world, bool ipv6, bool udp) =>
        AskAsync(world, ipv6, ipv6 ? NodeWorld.NodeAddress6 : NodeWorld.NodeAddress, udp ? 30053 : 30080, udp);

    private static async Task<string> AskAsync(NodeWorld world, bool ipv6, string address, int port, bool udp)
    {
        using var socket = udp ? NodeWorld.UdpSocket(world.Client, ipv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork) : null;
        var answer = socket is null ? await NodeWorld.AskTcpAsync(world.Client, address, port) : await NodeWorld.AskUdpAsync(socket, address, port);
        Assert.StartsWith("pod", answer, StringComparison.Ordinal);
        return answer.Split(' ')[0];
    }

    /// <summary>How long the kernel will remember the only client, once that is as wanted; null: it does not.</summary>
    private static async Task<TimeSpan?> ReadAsync(NodeWorld world, bool ipv6, Func<TimeSpan?, bool> wanted)
    {
        TimeSpan? left = null;
        await UntilAsync(async () =>
        {
            var listing = await world.NftAsync("list", "map", ipv6 ? "ip6" : "ip", "portico-proxy", "affinity");
            left = Expires().Match(listing) is { Success: true } match ? ParseSpan(match.Groups[1].Value) : null;
            return wanted(left);
        }, "the time that is left to be as wanted");
        return left;
    }

    // As nft has it: 23h59m58s120ms.
    private static TimeSpan ParseSpan(string text) => Part().Matches(text).Aggregate(TimeSpan.Zero, (sum, part) =>
        sum + (int.Parse(part.Groups[1].Value, CultureInfo.InvariantCulture) * part.Groups[2].Value switch
        {
            "d" => TimeSpan.FromDays(1),
            "h" => TimeSpan.FromHours(1),
            "m" => TimeSpan.FromMinutes(1),
            "s" => TimeSpan.FromSeconds(1),
            _ => TimeSpan.FromMilliseconds(1),
        }));

    [GeneratedRegex("expires ([0-9a-z]+)")]
    private static partial Regex Expires();

    [GeneratedRegex("([0-9]+)(ms|d|h|m|s)")]
    private static partial Regex Part();

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(20);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"waited 20 s for {what}");
            await Task.Delay(20);
        }
    }

    private static ServiceSpec WithTimeout(ServiceSpec spec, int seconds) => spec with { SessionAffinityConfig = new() { ClientIP = new() { TimeoutSeconds = seconds } } };

    private static Task<NodeWorld> StartAsync(ProxyMode mode, bool ipv6, Func<ServiceSpec, ServiceSpec>? with, params string[] pods)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        return NodeWorld.StartAsync(ipv6 ? Make.Options6(mode) : Make.Options(mode), world =>
        {
            world.Services.Set(Make.Service("web", ipv6 ? "fd00:96::20" : "10.96.0.20", spec =>
            {
                spec = spec with
                {
                    Type = "NodePort",
                    SessionAffinity = "ClientIP",
                    Ports = [new() { Port = 80, NodePort = 30080 }, new() { Name = "udp", Port = 53, Protocol = "UDP", NodePort = 30053 }],
                };
                return with?.Invoke(spec) ?? spec;
            }));
            SetEndpoints(world, ipv6, pods);
        });
    }

    private static void SetEndpoints(NodeWorld world, bool ipv6, string[] pods) => world.Slices.Set(
        Make.Slice("web", NodeWorld.PodPort, [.. pods.Select(pod => Make.Endpoint(ipv6 ? NodeWorld.Address6(pod) : pod, pod == Pods[2] ? "node2" : "node1"))])
            with { AddressType = ipv6 ? "IPv6" : "IPv4" });
}
