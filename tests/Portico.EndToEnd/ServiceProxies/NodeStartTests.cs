using System.Net;
using System.Net.Sockets;
using Portico.EndToEnd.Clusters;

namespace Portico.EndToEnd.ServiceProxies;

/// <summary>The ways in which <c>portico node</c> is started.</summary>
[Trait("Category", "Root")]
public sealed class NodeStartTests
{
    [Fact]
    public async Task InitOnly_SetsTheLimitsAndEndsWithoutApiOrRules()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        await world.Server.StopAsync();

        var told = await world.RunAsync("--init-only", "--config", world.ConfigurationFile, "--hostname-override=node1");

        Assert.Equal((0, ""), (told.ExitCode, told.Error.Trim()));
        Assert.Equal("43200", (await world.InNodeAsync("cat", "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established")).Trim());
        Assert.Equal("", (await world.InNodeAsync("nft", "list", "ruleset")).Trim());
    }

    [Fact]
    public async Task ModeIpvs_NftablesStandsInAndIsSaid()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        world.Configure("mode: ipvs");
        world.StartProxy();

        await world.UntilAsync("pod1 through the ClusterIP", async () => await NodeVerbTests.AskAsync(world) == "pod1");
        Assert.Contains("mode ipvs: nftables serves the same Services instead", world.Log, StringComparison.Ordinal);
        Assert.Equal("nftables", (await world.GetAsync("127.0.0.1", 10249, "/proxyMode")).Body);
        await world.UntilAsync("the event IPVSDeprecation", () => NodeVerbTests.HasEventAsync(world, "IPVSDeprecation"));
    }

    [Fact]
    public async Task HealthAddressTakenAndHardFail_EndsAndSaysSoOnTheNode()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        using var other = world.Node.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        other.Bind(IPEndPoint.Parse("0.0.0.0:10256"));
        other.Listen();
        world.Configure("bindAddressHardFail: true");
        world.StartProxy();

        await world.Proxy!.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        Assert.Equal(1, world.Proxy.ExitCode);
        Assert.True(await NodeVerbTests.HasEventAsync(world, "FailedToStartProxierHealthcheck"), world.Log);
    }

    [Theory]
    [InlineData("[primary]", false, false)]
    [InlineData("[primary, localhost]", true, false)]
    [InlineData("[all]", true, true)]
    public async Task NodePortAddresses_ByWord_ServeThoseAlone(string words, bool onLoopback, bool onOthers)
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        await world.InNodeAsync("ip", "addr", "add", "192.168.88.12/24", "dev", "eth0");
        world.Configure($"nodePortAddresses: {words}");
        world.StartProxy();

        await world.UntilAsync("pod1 through the NodePort", async () => await ProxiedNode.AskAsync(world.Outside, ProxiedNode.NodeAddress, ProxiedNode.NodePort) == "pod1");
        // Loopback's own listener comes after the rules.
        await world.UntilAsync("health", async () => (await world.GetAsync(ProxiedNode.NodeAddress, 10256, "/healthz")).Code == 200);
        Assert.Equal(onLoopback ? "pod1" : null, await ProxiedNode.AskAsync(world.Node, "127.0.0.1", ProxiedNode.NodePort));
        Assert.Equal(onOthers ? "pod1" : null, await ProxiedNode.AskAsync(world.Outside, "192.168.88.12", ProxiedNode.NodePort));
    }

    [Fact]
    public async Task UserspaceWithoutTheRightToChangeTheKernel_ServesOnTheNodesOwnAddresses()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        world.Configure("mode: userspace");
        world.StartProxyWithoutRights();

        await world.UntilAsync("pod1 through the NodePort", async () => await NodePortAsync() == "pod1");
        Assert.Equal("pod1", await ProxiedNode.AskAsync(world.Node, "127.0.0.1", ProxiedNode.NodePort));
        Assert.Null(await NodeVerbTests.AskAsync(world));
        Assert.Equal("", (await world.InNodeAsync("nft", "list", "ruleset")).Trim());
        // The other two are the ClusterIPs of web and of the API server.
        Assert.True(world.Log.Contains("listening on 2 of 4 frontends", StringComparison.Ordinal), world.Log);

        using var open = await ProxiedNode.ConnectAsync(world.Outside, ProxiedNode.NodeAddress, ProxiedNode.NodePort);
        Assert.Equal("pod1", await ProxiedNode.ReadAsync(open));
        await world.ServeFromAsync("10.244.1.6");
        await world.UntilAsync("pod2 through the NodePort", async () => await NodePortAsync() == "pod2");
        await open.SendAsync("still here\n"u8.ToArray());
        Assert.Equal("still here", await ProxiedNode.ReadAsync(open));

        Task<string?> NodePortAsync() => ProxiedNode.AskAsync(world.Outside, ProxiedNode.NodeAddress, ProxiedNode.NodePort);
    }

    [Fact]
    public async Task InPod_ServiceAccount_TokenIsReadAgainWhenItsFileChanges()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        world.StartProxyInPod();
        await world.UntilAsync("pod1 through the ClusterIP", async () => await NodeVerbTests.AskAsync(world) == "pod1");

        // The first token has run out when the server is back.
        await world.Server.StopAsync();
        world.Server.RotatedToken = "rotated-1";
        world.WriteToken(world.Server.RotatedToken);
        await world.Server.StartAgainAsync();
        await world.ServeFromAsync("10.244.1.6");

        await world.UntilAsync("pod2 by the second token", async () => await NodeVerbTests.AskAsync(world) == "pod2");
    }
}
