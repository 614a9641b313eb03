using System.Diagnostics;
using Portico.EndToEnd.Clusters;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Exposure;

public sealed class ServiceTests(ShopCluster shop) : ClusterTest(shop)
{
    private const int Requests = 24; // all of one of three pods: once in 3^23

    [Fact]
    public async Task ClusterIP_FromPodsOfEachNode_ReachesPodsOnBothNodes()
    {
        var address = await ClusterAddressAsync("shop", "web");
        foreach (var node in (string[])["node1", "node2"])
        {
            var answers = await HostPod.RunAsync(
                Cluster, "shop", node, $"for i in $(seq {Requests}); do curl -sS --max-time 5 -o /dev/null -w '%header{{x-echo-pod}}\\n' http://{address}/ || exit 1; done", Stop);

            var pods = answers.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
            Assert.Equal(3, pods.Count);
            Assert.Equal(2, await NodesAsync(pods));
        }
    }

    [Fact]
    public async Task ClusterIP_FromThePodBehindIt_ReachesItself()
    {
        var pod = await PodAddressAsync("e2e", "alone");

        var answer = await Curl.GetFromPodAsync(Cluster, pod, $"http://{await ClusterAddressAsync("e2e", "alone")}/");

        Assert.True(answer.Status == 200, answer.ToString());
        Assert.StartsWith("alone-", answer.Pod, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PodAddress_FromAPodOfTheOtherNode_IsReachedWithItsOwnAddress()
    {
        var pods = (await Cluster.KubectlAsync("-n e2e get pods -l app=sock -o jsonpath={range.items[*]}{.status.podIP}{\"\\n\"}{end}", Stop))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, pods.Length);

        var answer = await Curl.GetFromPodAsync(Cluster, pods[0], $"http://{pods[1]}:8080/");

        Assert.True(answer.Status == 200, answer.ToString());
        Assert.StartsWith(pods[0] + ":", answer.Json["client"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task NodePort_OnEachNode_ReachesEveryPod(int node)
    {
        var pods = await Curl.PodsAsync(Cluster, Requests, $"http://{LocalCluster.NodeAddress(node)}:30080/");

        Assert.Equal(2, pods.Count);
        Assert.All(pods, static pod => Assert.StartsWith("api-", pod, StringComparison.Ordinal));
    }

    [Fact]
    public async Task LoadBalancer_FromTheLan_ReachesEveryPod()
    {
        var address = await LoadBalancerAsync("shop", "web-public");

        Assert.InRange(address.GetAddressBytes()[3], 200, 250);
        Assert.Equal(3, (await Curl.PodsAsync(Cluster, Requests, $"http://{address}/")).Count);
    }

    [Fact]
    public async Task LoadBalancer_FromAPod_IsReachedToo()
    {
        var answer = await Curl.GetFromPodAsync(
            Cluster, await PodAddressAsync("e2e", "alone"), $"http://{await LoadBalancerAsync("shop", "web-public")}/");

        Assert.True(answer.Status == 200, answer.ToString());
    }

    [Fact]
    public async Task ExternalTrafficPolicyLocal_KeepsTheClientsAddress()
    {
        var answer = await CurlAsync($"http://{await LoadBalancerAsync("e2e", "local")}/");

        Assert.True(answer.Status == 200, answer.ToString());
        Assert.StartsWith("192.168.77.2:", answer.Json["client"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SessionAffinity_ClientIP_StaysWithOnePod()
    {
        var pods = await Curl.PodsAsync(Cluster, Requests, $"http://{await LoadBalancerAsync("e2e", "sticky")}/");

        Assert.Single(pods);
    }

    [Fact]
    public async Task NoEndpoint_ClusterIP_IsRefusedAtOnce()
    {
        var clock = Stopwatch.StartNew();

        var answer = await Curl.GetFromPodAsync(
            Cluster, await PodAddressAsync("e2e", "alone"), $"http://{await ClusterAddressAsync("e2e", "nobody")}/");

        Assert.Equal(7, answer.ExitCode); // curl: could not connect
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task DeletedPod_LeavesTheKernelRulesOfEveryNode()
    {
        var pod = (await Cluster.KubectlAsync("-n shop get pods -l app=web -o jsonpath={.items[0].metadata.name}/{.items[0].status.podIP}", Stop)).Trim().Split('/');
        var before = await KernelRules.OfAsync(Cluster, 1, Stop);
        Assert.True(KernelRules.Mention(before, pod[1]), before);

        await Cluster.KubectlAsync($"-n shop delete pod {pod[0]} --wait=false", Stop);

        foreach (var node in (int[])[1, 2])
        {
            await Eventually.GetAsync(
                $"the rules of node{node} without {pod[1]}", TimeSpan.FromSeconds(2), token => KernelRules.OfAsync(Cluster, node, token), rules => !KernelRules.Mention(rules, pod[1]), Stop);
        }

        await Cluster.KubectlAsync("-n shop rollout status deployment web --timeout=60s", Stop);
    }

    private async Task<int> NodesAsync(IEnumerable<string> pods)
    {
        var nodes = new HashSet<string>();
        foreach (var pod in pods)
        {
            nodes.Add(await Cluster.KubectlAsync($"-n shop get pod {pod} -o jsonpath={{.spec.nodeName}}", Stop));
        }

        return nodes.Count;
    }
}
