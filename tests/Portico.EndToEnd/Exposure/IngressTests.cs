using System.Text.RegularExpressions;
using Portico.EndToEnd.Clusters;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Exposure;

public sealed class IngressTests(ShopCluster shop) : ClusterTest(shop)
{
    [Theory]
    [InlineData("http://shop.example/", "web-")]
    [InlineData("http://shop.example/apiary", "web-")]
    [InlineData("http://shop.example/api", "api-")]
    [InlineData("http://shop.example/api/orders?id=1", "api-")]
    [InlineData("https://shop.example/", "web-")]
    [InlineData("https://shop.example/api/orders", "api-")]
    [InlineData("http://any.paths.example/exact", "alone-")]
    [InlineData("http://any.paths.example/sock/deep", "sock-")]
    public async Task Path_GoesToItsService(string url, string pod)
    {
        var answer = await GatewayAsync(url, "-k");

        Assert.True(answer.Status == 200, answer.ToString());
        Assert.StartsWith(pod, answer.Pod, StringComparison.Ordinal);
        Assert.Equal(new Uri(url).AbsolutePath, answer.Json["path"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("http://unknown.example/", 404)]
    [InlineData("http://any.paths.example/exact/more", 404)]
    [InlineData("http://two.labels.paths.example/exact", 404)]
    [InlineData("http://any.paths.example/nobody", 503)]
    public async Task NoRouteOrNoEndpoint_IsSaid(string url, int status)
    {
        Assert.Equal(status, (await GatewayAsync(url)).Status);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Pod_LearnsWhoAsked(string scheme)
    {
        var headers = (await GatewayAsync($"{scheme}://shop.example/", "-k")).Json["headers"]!.AsObject()
            .ToDictionary(static header => header.Key, static header => header.Value!.GetValue<string>(), StringComparer.OrdinalIgnoreCase);

        Assert.Equal("192.168.77.2", headers["X-Forwarded-For"]);
        Assert.Equal(scheme, headers["X-Forwarded-Proto"]);
        Assert.Equal("shop.example", headers["X-Forwarded-Host"]);
    }

    [Fact]
    public async Task Https_ShowsTheCertificateOfTheSecret()
    {
        var certificate = Path.Combine(Cluster.Home, "shop.crt");
        var encoded = await Cluster.KubectlAsync("-n shop get secret shop-example -o jsonpath={.data.tls\\.crt}", Stop);
        await File.WriteAllBytesAsync(certificate, Convert.FromBase64String(encoded), Stop);

        var trusted = await GatewayAsync("https://shop.example/", "--cacert", certificate);
        var other = await GatewayAsync("https://other.example/", "--cacert", certificate);

        Assert.True(trusted.Status == 200, trusted.ToString());
        Assert.NotEqual(0, other.ExitCode);
    }

    [Fact]
    public async Task MachinePorts_ReachTheGateway()
    {
        var status = (await Cluster.VerbAsync(["status"], Stop)).OrThrow("portico status").Output;
        var urls = Regex.Match(status, @"curl -k --resolve shop\.example:(\d+):127\.0\.0\.1 (https://shop\.example:\1/)(?!api)");
        Assert.True(urls.Success, status);

        // The machine's own curl, as somebody would copy it.
        var answer = await Command.RunAsync(
            "curl", ["-sSk", "--max-time", "5", "--resolve", $"shop.example:{urls.Groups[1].Value}:127.0.0.1", urls.Groups[2].Value], null, Stop);

        Assert.Contains("\"pod\": \"web-", answer.OrThrow("curl").Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadIngress_IsReportedOnItselfAndChangesNothingElse()
    {
        await Cluster.ApplyAsync(
            """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: { name: bad, namespace: e2e }
            spec:
              tls: [ { hosts: [ bad.example ], secretName: missing } ]
              rules:
                - host: bad.example
                  http: { paths: [ { path: /, pathType: Prefix, backend: { service: { name: missing, port: { number: 80 } } } } ] }
            """,
            Stop);
        try
        {
            await Eventually.GetAsync(
                "an event on ingress e2e/bad", Patience,
                token => Cluster.KubectlAsync("-n e2e get events --field-selector involvedObject.kind=Ingress,involvedObject.name=bad -o jsonpath={.items[*].message}", token),
                static messages => messages.Contains("missing", StringComparison.Ordinal), Stop);
            Assert.Equal(200, (await GatewayAsync("http://shop.example/")).Status);
        }
        finally
        {
            await Cluster.KubectlAsync("-n e2e delete ingress bad", Stop);
        }
    }

    [Fact]
    public async Task NewRoute_IsServedAndGoesWithItsIngress()
    {
        await Cluster.KubectlAsync("-n e2e create ingress fresh --rule=fresh.example/*=alone:80", Stop);
        await Eventually.GetAsync("fresh.example", Patience, async _ => (await GatewayAsync("http://fresh.example/")).Status, static status => status == 200, Stop);

        await Cluster.KubectlAsync("-n e2e delete ingress fresh", Stop);

        await Eventually.GetAsync("no fresh.example", Patience, async _ => (await GatewayAsync("http://fresh.example/")).Status, static status => status == 404, Stop);
    }
}
