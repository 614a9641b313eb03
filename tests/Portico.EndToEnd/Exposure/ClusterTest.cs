using System.Net;
using Portico.EndToEnd.Clusters;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Exposure;

/// <summary>A test on the shared cluster.</summary>
[Collection(ShopCollection.Name)]
[Trait("Category", "Root")]
public abstract class ClusterTest(ShopCluster shop)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected LocalCluster Cluster => shop.Cluster;

    protected IPAddress Gateway => shop.Gateway;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected Task<Curl> CurlAsync(string url, params string[] more) => Curl.GetAsync(Cluster, url, more);

    /// <summary>curl to the gateway, whatever the URL's host is.</summary>
    private protected Task<Curl> GatewayAsync(string url, params string[] more) =>
        CurlAsync(url, [.. more, "--connect-to", $"::{Gateway}:"]);

    private protected async Task<string> PodAddressAsync(string @namespace, string app) =>
        (await Cluster.KubectlAsync($"-n {@namespace} get pods -l app={app} -o jsonpath={{.items[0].status.podIP}}", Stop)).Trim();

    private protected async Task<string> ClusterAddressAsync(string @namespace, string service) =>
        (await Cluster.KubectlAsync($"-n {@namespace} get service {service} -o jsonpath={{.spec.clusterIP}}", Stop)).Trim();

    private protected async Task<IPAddress> LoadBalancerAsync(string @namespace, string service) =>
        (await Eventually.GetAsync(
            $"the address of service {@namespace}/{service}", Patience, token => Cluster.LoadBalancerAsync(@namespace, service, token), static found => found is not null, Stop))!;
}
