using Portico.EndToEnd.Clusters;

namespace Portico.EndToEnd.Exposure;

public sealed class DnsTests(ShopCluster shop) : ClusterTest(shop)
{
    [Theory]
    [InlineData("node1", "web")]
    [InlineData("node1", "web.shop")]
    [InlineData("node1", "web.shop.svc.cluster.local")]
    [InlineData("node2", "web")]
    public async Task ServiceName_InAPod_IsItsClusterIP(string node, string name)
    {
        var answer = await HostPod.RunAsync(Cluster, "shop", node, $"getent ahostsv4 {name} && curl -sS --max-time 5 -o /dev/null -w '%{{http_code}}' http://{name}/", Stop);

        Assert.StartsWith(await ClusterAddressAsync("shop", "web") + " ", answer, StringComparison.Ordinal);
        Assert.EndsWith("200", answer.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServiceOfAnotherNamespace_NeedsItsNamespace()
    {
        var answer = await HostPod.RunAsync(Cluster, "e2e", "node1", "getent ahostsv4 web || echo unknown; getent ahostsv4 web.shop | head -n 1", Stop);

        Assert.StartsWith("unknown", answer, StringComparison.Ordinal);
        Assert.Contains(await ClusterAddressAsync("shop", "web"), answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubernetes_IsReachedByName()
    {
        var answer = await HostPod.RunAsync(
            Cluster, "default", "node2", "curl -sSk --max-time 5 -o /dev/null -w '%{http_code}' https://kubernetes.default.svc/readyz", Stop);

        Assert.Equal("200", answer.Trim());
    }
}
