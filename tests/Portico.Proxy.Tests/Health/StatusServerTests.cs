using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Proxy.Health;

namespace Portico.Proxy.Tests.Health;

public sealed class StatusServerTests : IDisposable
{
    private readonly ObjectCache<Service> _services = new();
    private readonly ObjectCache<EndpointSlice> _slices = new();
    private readonly ObjectCache<Node> _nodes = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new();

    [Fact]
    public async Task Serve_TwoFamiliesNotYetInSync_SaysSoForEach()
    {
        var (health, metrics) = (FreeEndPoint(), FreeEndPoint());
        var running = Server(health, metrics).RunAsync(_stop.Token);

        var answer = await GetAsync(health, "/healthz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Code);
        var status = JsonNode.Parse(answer.Body)!;
        Assert.False((bool)status["status"]!["IPv4"]!["healthy"]!);
        Assert.False((bool)status["status"]!["IPv6"]!["healthy"]!);
        Assert.True((bool)status["nodeEligible"]!);
        Assert.Null(JsonNode.Parse((await GetAsync(health, "/livez")).Body)!["nodeEligible"]);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(health, "/metrics")).Code);
        Assert.Equal("""{"kubeproxy.config.k8s.io":{"mode":"nftables"}}""", (await GetAsync(metrics, "/configz")).Body.Trim());

        var pages = await GetAsync(metrics, "/statusz");
        Assert.Contains($"Runtime version: .NET {Environment.Version}\n", pages.Body, StringComparison.Ordinal);
        Assert.Contains("Paths: /configz /flagz /healthz /metrics /proxyMode /statusz\n", pages.Body, StringComparison.Ordinal);
        foreach (var path in pages.Body.Split("Paths: ")[1].Trim().Split(' '))
        {
            Assert.NotEqual(HttpStatusCode.NotFound, (await GetAsync(metrics, path)).Code);
        }

        Assert.Contains("\ncluster-cidr=10.0.0.0/8\nv=4\n", (await GetAsync(metrics, "/flagz")).Body, StringComparison.Ordinal);

        var lines = (await GetAsync(metrics, "/metrics")).Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines.Count(static line => line[0] == '#'), lines.Where(static line => line[0] == '#').Distinct().Count());
        Assert.Contains("kubeproxy_sync_proxy_rules_service_changes_pending{ip_family=\"IPv4\"} 0", lines);
        Assert.Contains("kubeproxy_sync_proxy_rules_service_changes_pending{ip_family=\"IPv6\"} 0", lines);
        Assert.Contains("kubeproxy_proxy_healthz_total{code=\"503\"} 1", lines);
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Serve_AddressTakenAndHardFail_Throws()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var server = Server(FreeEndPoint(), (IPEndPoint)other.LocalEndpoint, hardFail: true);
        var events = new List<string>();
        server.Refused += (reason, _) => events.Add(reason);

        var failure = await Assert.ThrowsAsync<IOException>(() => server.RunAsync(_stop.Token).WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.Equal(["FailedToStartMetricServer"], events);
        Assert.Contains($"metrics address {other.LocalEndpoint}: ", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _http.Dispose();
        _stop.Dispose();
    }

    private StatusServer Server(IPEndPoint? health, IPEndPoint? metrics, bool hardFail = false) => new(
        [Proxy(AddressFamily.InterNetwork), Proxy(AddressFamily.InterNetworkV6)],
        new() { HealthAddress = health, MetricsAddress = metrics, HardFail = hardFail, Configuration = """{"mode":"nftables"}""", Flags = new Dictionary<string, string> { ["v"] = "4", ["cluster-cidr"] = "10.0.0.0/8" } },
        NullLoggerFactory.Instance, TimeProvider.System);

    private ServiceProxy Proxy(AddressFamily family) =>
        new(_services, _slices, _nodes, Make.Options() with { Family = family }, NullLoggerFactory.Instance, TimeProvider.System);

    private async Task<(HttpStatusCode Code, string Body)> GetAsync(IPEndPoint at, string path)
    {
        using var answer = await _http.GetAsync(new Uri($"http://{at}{path}"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static IPEndPoint FreeEndPoint()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
