using Portico.EndToEnd.Clusters;
using Portico.EndToEnd.Exposure;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Kubectl;

/// <summary>What people look with, unchanged from any cluster.</summary>
public sealed class ReadTests(ShopCluster shop) : ClusterTest(shop)
{
    [Theory]
    [InlineData("version", "Server Version")]
    [InlineData("cluster-info", "https://127.0.0.1:")]
    [InlineData("get nodes -o wide", "192.168.77.11")]
    [InlineData("get namespaces", "shop")]
    [InlineData("-n shop get all", "deployment.apps/web")]
    [InlineData("-n shop get pods", "1/1     Running")]
    [InlineData("-n shop get pods -o wide", "node2")]
    [InlineData("-n shop get pods -o name", "pod/web-")]
    [InlineData("-n shop get pods -l app=api -o name", "pod/api-")]
    [InlineData("get pods -A --field-selector spec.nodeName=node1", "portico-system")]
    [InlineData("-n shop get deployment web", "3/3     3            3")]
    [InlineData("-n shop get rs", "DESIRED   CURRENT   READY")]
    [InlineData("-n shop get service web-public", "LoadBalancer")]
    [InlineData("-n shop get svc api", "80:30080/TCP")]
    [InlineData("-n shop get ingress", "shop.example")]
    [InlineData("get ingressclass", "portico")]
    [InlineData("-n shop get endpoints web", ":8080")]
    [InlineData("-n shop get endpointslices", "IPv4")]
    [InlineData("-n shop get secret shop-example", "kubernetes.io/tls")]
    [InlineData("-n shop get serviceaccounts", "default")]
    [InlineData("get leases -A", "node1")]
    [InlineData("-n shop get deployment web -o yaml", "kind: Deployment")]
    [InlineData("-n shop get deployment web -o json", "\"kind\": \"Deployment\"")]
    [InlineData("-n shop get pods --sort-by=.metadata.name -o custom-columns=N:.metadata.name,IP:.status.podIP", "10.244.")]
    [InlineData("-n shop describe deployment web", "3 desired | 3 updated | 3 total | 3 available")]
    [InlineData("-n shop describe pods -l app=web", "Readiness:")]
    [InlineData("-n shop describe service web", "Endpoints:")]
    [InlineData("-n shop describe ingress shop", "shop.example")]
    [InlineData("describe node node1", "KubeletReady")]
    [InlineData("-n shop get events", "Scheduled")]
    [InlineData("-n shop logs deployment/web", "answers HTTP on 8080")]
    [InlineData("-n shop logs -l app=api --tail=1", "answers HTTP on 8080")]
    [InlineData("api-resources", "deployments")]
    [InlineData("api-versions", "discovery.k8s.io/v1")]
    [InlineData("explain service.spec.externalTrafficPolicy", "externalTrafficPolicy")]
    [InlineData("explain ingress", "VERSION:")]
    [InlineData("auth can-i create pods", "yes")]
    [InlineData("auth can-i --list", "Resources")]
    [InlineData("-n shop rollout status deployment web", "successfully rolled out")]
    [InlineData("-n shop rollout history deployment web", "REVISION")]
    [InlineData("-n shop wait --for=condition=Available deployment/web --timeout=5s", "condition met")]
    [InlineData("get --raw /healthz", "ok")]
    [InlineData("-n shop get pods --chunk-size=2 -o name", "pod/web-")]
    public async Task Verb_ShowsWhatItShould(string arguments, string expected)
    {
        Assert.Contains(expected, await Cluster.KubectlAsync(arguments, Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-n shop get pod missing", "pods \"missing\" not found")]
    [InlineData("get widgets", "the server doesn't have a resource type \"widgets\"")]
    [InlineData("-n shop create deployment web --image=portico.dev/echo:1", "already exists")]
    [InlineData("-n missing create deployment web --image=portico.dev/echo:1", "namespaces \"missing\" not found")]
    [InlineData("-n shop scale deployment web --replicas=-1", "must be")]
    public async Task Mistake_IsNamed(string arguments, string expected)
    {
        var result = await Cluster.KubectlAsync(arguments.Split(' '), null, Stop);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoCredentials_SeesOnlyHealthAndVersion()
    {
        var server = (await Cluster.KubectlAsync("config view --minify -o jsonpath={.clusters[0].cluster.server}", Stop)).Trim();
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = LanClient.AnyCertificate;
        using var http = new HttpClient(handler);

        foreach (var open in (string[])["/healthz", "/livez", "/readyz", "/version"])
        {
            Assert.Equal(200, (int)(await http.GetAsync(new Uri(server + open), Stop)).StatusCode);
        }

        foreach (var closed in (string[])["/api", "/apis", "/openapi/v2", "/api/v1/secrets", "/metrics"])
        {
            Assert.Equal(401, (int)(await http.GetAsync(new Uri(server + closed), Stop)).StatusCode);
        }
    }

    [Fact]
    public void Kubeconfig_IsForItsOwnerOnly()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Cluster.Kubeconfig));
    }
}
