using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Gateway.Dataplane;
using Portico.Gateway.Tests.Fakes;

namespace Portico.Gateway.Tests;

/// <summary>The whole gateway, from objects in an API to sockets.</summary>
public sealed class GatewayServerTests : IAsyncDisposable
{
    private const string PublishService = """
        apiVersion: v1
        kind: Service
        metadata: {name: gateway, namespace: portico-system}
        spec: {type: LoadBalancer}
        status: {loadBalancer: {ingress: [{ip: 192.168.77.200}]}}
        """;

    private readonly FakeApi _api = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new();
    private readonly GatewayServer _server;
    private Task _running = Task.CompletedTask;

    public GatewayServerTests()
    {
        var options = new GatewayOptions
        {
            Address = IPAddress.Loopback,
            HttpPort = 0,
            HttpsPort = 0,
            HealthPort = 0,
            Identity = "gateway-1",
            DrainDelay = TimeSpan.FromMilliseconds(50),
            DrainTimeout = TimeSpan.FromSeconds(5),
        };
        _server = new(_api.Client, options, NullLoggerFactory.Instance, TimeProvider.System);
    }

    [Fact]
    public async Task Run_ObjectsInTheApi_AreServedReportedAndFollowed()
    {
        await using var upstream = await Upstream.SayingAsync("web");
        _api.Apply(LiveGateway.Shop);
        _api.Apply(PublishService);
        await StartAsync();

        // Route without endpoints, then with: no reload, only the slice.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("shop.test")).StatusCode);
        _api.Apply(Slice(upstream.Port));
        await Eventually.HoldsAsync(async () => (await GetAsync("shop.test")).StatusCode == HttpStatusCode.OK, () => "the endpoint never came");

        // Status: the address, and the missing Secret as annotation and Event.
        await Eventually.HoldsAsync(() => Address() == "192.168.77.200", () => $"no address: {_api.Get("ingresses", "shop", "web")}");
        Assert.Contains("SecretNotFound", Annotation(), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => _api.All("events").Any(item => (string?)item["reason"] == "SecretNotFound"), () => "no Event");

        // Nothing differs any more, so nothing is written; the remedy takes the annotation away.
        var secret = Certificates.Secret("shop", "shop-tls", "fixed");
        _api.Apply($$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: shop-tls, namespace: shop}
            type: kubernetes.io/tls
            data: {tls.crt: {{secret.Data["tls.crt"]}}, tls.key: {{secret.Data["tls.key"]}}}
            """);
        await Eventually.HoldsAsync(() => Annotation().Length == 0, () => $"still there: {Annotation()}");
        Assert.Equal(2, _api.Writes.Count(write => write == "PATCH /apis/networking.k8s.io/v1/namespaces/shop/ingresses/web/status"));
    }

    [Fact]
    public async Task Run_Cancelled_FailsTheProbeThenEnds()
    {
        _api.Apply(LiveGateway.Shop);
        await StartAsync();
        var http = await _server.EndPointAsync(ListenerRole.Http);
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetAsync(new Uri($"http://{http}/")));
    }

    [Fact]
    public void Manifests_Embedded_AreYamlWithTheExpectedObjects()
    {
        var kinds = Api.Yaml.YamlReader.ReadAll(GatewayManifests.Text).Select(document => (string?)document["kind"]);
        Assert.Equal(["Namespace", "IngressClass", "ServiceAccount", "Service", "Deployment"], kinds);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _http.Dispose();
        _api.Dispose();
        _stop.Dispose();
    }

    private static string Slice(int port) => $$$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        ports: [{name: "", port: {{{port}}}, protocol: TCP}]
        endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
        """;

    private async Task StartAsync()
    {
        _running = _server.RunAsync(_stop.Token);
        var health = await _server.EndPointAsync(ListenerRole.Health).WaitAsync(TimeSpan.FromSeconds(10));
        await Eventually.HoldsAsync(
            async () => (await _http.GetAsync(new Uri($"http://{health}/healthz"))).StatusCode == HttpStatusCode.OK, () => "never ready");
    }

    private async Task<HttpResponseMessage> GetAsync(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{await _server.EndPointAsync(ListenerRole.Http)}/") { Headers = { Host = host } };
        return await _http.SendAsync(request);
    }

    private string? Address() => (string?)_api.Get("ingresses", "shop", "web")!["status"]?["loadBalancer"]?["ingress"]?[0]?["ip"];

    private string Annotation() => (string?)(_api.Get("ingresses", "shop", "web")!["metadata"]!["annotations"] as JsonObject)?["portico.dev/status"] ?? "";
}
