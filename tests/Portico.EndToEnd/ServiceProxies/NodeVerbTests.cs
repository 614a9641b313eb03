using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Client.Requests;
using Portico.EndToEnd.Clusters;

namespace Portico.EndToEnd.ServiceProxies;

/// <summary><c>portico node</c> in the place of kube-proxy, against an API that knows nothing of it.</summary>
[Trait("Category", "Root")]
public sealed class NodeVerbTests
{
    [Fact]
    public async Task Node_OnAnyApi_ServesTellsAndCleansUp()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        world.StartProxy();

        await world.UntilAsync("pod1 through the ClusterIP", async () => await AskAsync(world) == "pod1");
        Assert.Equal("pod1", await ProxiedNode.AskAsync(world.Outside, ProxiedNode.NodeAddress, ProxiedNode.NodePort));
        Assert.Equal("pod1", await ProxiedNode.AskAsync(world.Pods["pod2"], ProxiedNode.ClusterIP, 80));

        var (code, health) = await world.GetAsync(ProxiedNode.NodeAddress, 10256, "/healthz");
        Assert.Equal(200, code);
        var answer = JsonNode.Parse(health)!;
        Assert.True((bool?)answer["status"]?["IPv4"]?["healthy"], health);
        Assert.True((bool?)answer["nodeEligible"], health);
        Assert.Equal("nftables", (await world.GetAsync("127.0.0.1", 10249, "/proxyMode")).Body);
        Assert.Equal("10.244.0.0/16", (string?)JsonNode.Parse((await world.GetAsync("127.0.0.1", 10249, "/configz")).Body)?["kubeproxy.config.k8s.io"]?["clusterCIDR"]);
        var metrics = (await world.GetAsync("127.0.0.1", 10249, "/metrics")).Body;
        Assert.Contains("kubeproxy_sync_proxy_rules_duration_seconds_count{ip_family=\"IPv4\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("rest_client_requests_total{code=\"200\",", metrics, StringComparison.Ordinal);
        Assert.Contains("Paths: /configz ", (await world.GetAsync("127.0.0.1", 10249, "/statusz")).Body, StringComparison.Ordinal);
        Assert.Contains("\nhostname-override=node1\n", (await world.GetAsync("127.0.0.1", 10249, "/flagz")).Body, StringComparison.Ordinal);
        Assert.Equal("43200", (await world.InNodeAsync("cat", "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established")).Trim());
        await world.UntilAsync("the event Starting", async () => await HasEventAsync(world, "Starting"));

        await TaintAsync(world);
        await world.UntilAsync("/healthz to be 503 for a node that is to be deleted", async () => (await world.GetAsync(ProxiedNode.NodeAddress, 10256, "/healthz")).Code == 503);
        Assert.Equal(200, (await world.GetAsync(ProxiedNode.NodeAddress, 10256, "/livez")).Code);

        var second = await world.RunAsync("--hostname-override=node1", "--master=https://192.168.88.1:6443", "--conntrack-max-per-core=0", "--oom-score-adj=0");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("another service proxy of Portico serves this network namespace", second.Error, StringComparison.Ordinal);

        await world.TerminateProxyAsync();
        Assert.Equal(0, world.Proxy!.ExitCode);
        Assert.Equal("pod1", await AskAsync(world));
        Assert.Equal(0, (await world.RunAsync("--cleanup")).ExitCode);
        Assert.Equal("", (await world.InNodeAsync("nft", "list", "ruleset")).Trim());
    }

    [Fact]
    public async Task Node_KilledAndStartedAgain_NoConnectionBreaksAndMissedChangesCount()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        world.StartProxy();
        await world.UntilAsync("pod1 through the ClusterIP", async () => await AskAsync(world) == "pod1");
        using var open = await ProxiedNode.ConnectAsync(world.Outside, ProxiedNode.ClusterIP, 80);
        Assert.Equal("pod1", await ProxiedNode.ReadAsync(open));

        await world.KillProxyAsync();
        Assert.Equal("pod1", await AskAsync(world));
        await world.ServeFromAsync("10.244.1.6");
        world.StartProxy();
        await world.UntilAsync("pod2 after the restart", async () => await AskAsync(world) == "pod2");

        await open.SendAsync("still here\n"u8.ToArray());
        Assert.Equal("still here", await ProxiedNode.ReadAsync(open));
    }

    [Fact]
    public async Task Node_ApiServerAwayAndBack_RulesStayAndCatchUp()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        world.StartProxy("-v=4");
        await world.UntilAsync("pod1 through the ClusterIP", async () => await AskAsync(world) == "pod1");
        var synced = Count(world.Log, "services compiled");

        await world.Server.StopAsync();
        Assert.Equal("pod1", await AskAsync(world));
        await world.Server.StartAgainAsync();
        await world.ServeFromAsync("10.244.1.6");
        await world.UntilAsync("pod2 once the API server is back", async () => await AskAsync(world) == "pod2");

        // Each of the two families takes part in the one change; nothing else was written.
        Assert.InRange(Count(world.Log, "services compiled") - synced, 1, 2);
        Assert.DoesNotContain("reading", world.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_AddressComesAndFileChanges_FollowsTheOneAndEndsForTheOther()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        world.Configure("nodePortAddresses: [192.168.88.0/24]");
        world.StartProxy();
        await world.UntilAsync("pod1 through the NodePort", async () => await NodePortAsync(ProxiedNode.NodeAddress) == "pod1");

        await world.InNodeAsync("ip", "addr", "add", "192.168.88.12/24", "dev", "eth0");
        await world.UntilAsync("the NodePort on the new address", async () => await NodePortAsync("192.168.88.12") == "pod1");
        await world.InNodeAsync("ip", "addr", "add", "192.168.99.12/24", "dev", "eth0");
        await world.InNodeAsync("ip", "addr", "add", "192.168.88.13/24", "dev", "eth0");
        await world.UntilAsync("the NodePort on the third address", async () => await NodePortAsync("192.168.88.13") == "pod1");
        Assert.Null(await NodePortAsync("192.168.99.12"));

        world.Configure("nftables: {masqueradeAll: true}");
        await world.Proxy!.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        Assert.Equal(1, world.Proxy.ExitCode);
        Assert.Contains("config.yaml changed", world.Log, StringComparison.Ordinal);

        Task<string?> NodePortAsync(string address) => ProxiedNode.AskAsync(world.Outside, address, ProxiedNode.NodePort);
    }

    [Fact]
    public async Task Node_Mistakes_AreNamed()
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();

        var mode = await world.RunAsync("--proxy-mode=kernelspace");
        Assert.Equal(1, mode.ExitCode);
        Assert.Contains("mode: \"kernelspace\": must be nftables", mode.Error, StringComparison.Ordinal);
        var outside = await world.RunAsync("--conntrack-max-per-core=0", "--oom-score-adj=0");
        Assert.Contains("pass --kubeconfig", outside.Error, StringComparison.Ordinal);
        // What ./portico itself takes, and no more.
        var few = Directory.CreateTempSubdirectory("pt-path-");
        foreach (var program in (string[])["bash", "readlink", "dirname", "find"])
        {
            File.CreateSymbolicLink(Path.Combine(few.FullName, program), $"/usr/bin/{program}");
        }

        var withoutBoth = await world.RunAsync(["env", $"PATH={few.FullName}"], "--conntrack-max-per-core=0", "--oom-score-adj=0");
        foreach (var program in (string[])["iptables-restore", "ip6tables-restore"])
        {
            File.CreateSymbolicLink(Path.Combine(few.FullName, program), $"/usr/sbin/{program}");
        }

        var withoutNft = await world.RunAsync(["env", $"PATH={few.FullName}"], "--conntrack-max-per-core=0", "--oom-score-adj=0");
        few.Delete(recursive: true);
        Assert.Equal((1, 1), (withoutBoth.ExitCode, withoutNft.ExitCode));
        Assert.Contains("nft cannot be run", withoutBoth.Error, StringComparison.Ordinal);
        Assert.Contains("iptables-restore cannot be run", withoutBoth.Error, StringComparison.Ordinal);
        Assert.Contains("nft cannot be run", withoutNft.Error, StringComparison.Ordinal);
        Assert.Contains("mode iptables works here", withoutNft.Error, StringComparison.Ordinal);
        var withoutRight = await world.RunAsync(["setpriv", "--bounding-set=-net_admin"], "--conntrack-max-per-core=0", "--oom-score-adj=0");
        Assert.Equal(1, withoutRight.ExitCode);
        Assert.Contains("mode nftables: needs the capability NET_ADMIN", withoutRight.Error, StringComparison.Ordinal);
    }

    internal static Task<string?> AskAsync(ProxiedNode world) => ProxiedNode.AskAsync(world.Outside, ProxiedNode.ClusterIP, 80);

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    internal static async Task<bool> HasEventAsync(ProxiedNode world, string reason) =>
        (await world.Server.Client.ListAsync(KnownKinds.Events, ListOptions.All, CancellationToken.None)).OrThrow().Items
            .Any(found => found.Reason == reason && found.InvolvedObject is { Kind: "Node", Name: "node1" });

    private static async Task TaintAsync(ProxiedNode world)
    {
        var patch = JsonNode.Parse("""{"spec":{"taints":[{"key":"ToBeDeletedByClusterAutoscaler","effect":"NoSchedule"}]}}""")!;
        (await world.Server.Client.PatchAsync(KnownKinds.Nodes, new("", "node1"), PatchType.Merge, patch, null, CancellationToken.None)).OrThrow();
    }
}
