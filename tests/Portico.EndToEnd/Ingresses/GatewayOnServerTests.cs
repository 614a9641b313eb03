using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Kinds;
using Portico.Api.Yaml;
using Portico.Client.Connections;
using Portico.Client.Requests;
using Portico.Gateway;
using Portico.EndToEnd.Clusters;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Ingresses;

/// <summary>The gateway as its service account on the embedded API server: what it reads, what it writes, and what it is allowed.</summary>
public sealed class GatewayOnServerTests : IAsyncLifetime
{
    private const string Shop = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {ports: [{port: 80}]}
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: shop}
        spec:
          tls: [{hosts: [shop.test], secretName: missing}]
          rules: [{host: shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
        """;

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new();
    private readonly int _port = FreePort();
    private readonly int _healthPort = FreePort();
    private EmbeddedServer _server = null!;
    private KubernetesConnection _connection = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedServer.StartAsync();
        await ApplyAsync(GatewayManifests.Text);
        await ApplyAsync(Shop);
        var token = await TokenAsync();
        _connection = new(new Credentials { Server = _server.Client.Connection.Server, Token = () => token, InsecureSkipTlsVerify = true });
        var options = new GatewayOptions
        {
            Address = IPAddress.Loopback,
            HttpPort = _port,
            HttpsPort = 0,
            HealthPort = _healthPort,
            Identity = "gateway-1",
            DrainDelay = TimeSpan.Zero,
        };
        _running = new GatewayServer(new(_connection), options, NullLoggerFactory.Instance, TimeProvider.System).RunAsync(_stop.Token);
    }

    [Fact]
    public async Task Ingress_OnTheEmbeddedServer_IsServedAndToldWhatIsSo()
    {
        await UntilAsync("/healthz of the gateway is 200", async () => await StatusAsync(_healthPort, "/healthz") == HttpStatusCode.OK);
        // No endpoint: the server takes no loopback address in a slice, and no other may be called from here.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(_port, "/"));

        var address = new JsonObject { ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = "192.168.77.200" }) } } };
        (await _server.Client.PatchAsync(KnownKinds.Services, new("portico-system", "gateway"), PatchType.Merge, address, "status", default)).OrThrow();
        await UntilAsync("the address is in the status", async () =>
        {
            var ingress = (await _server.Client.GetAsync(KnownKinds.Ingresses, new("shop", "web"), default)).OrThrow();
            return ingress.Status.LoadBalancer.Ingress is [{ Ip: "192.168.77.200" }];
        });
        await UntilAsync("the Event is there", async () =>
        {
            var events = (await _server.Client.ListAsync(KnownKinds.Events, new() { Namespace = "shop" }, default)).OrThrow();
            return events.Items.Any(item => item is { Reason: "SecretNotFound", InvolvedObject: { Kind: "Ingress", Name: "web" } });
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _connection.Dispose();
        await _server.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private static Task UntilAsync(string what, Func<Task<bool>> check) => Eventually.TrueAsync(what, TimeSpan.FromSeconds(20), _ => check(), default);

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task<HttpStatusCode?> StatusAsync(int port, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}{path}") { Headers = { Host = "shop.test" } };
        try
        {
            using var response = await _http.SendAsync(request);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task ApplyAsync(string yaml)
    {
        foreach (var document in YamlReader.ReadAll(yaml))
        {
            var kind = KnownKinds.All.Single(known => known.Kind == (string?)document["kind"]);
            using var content = new StringContent(document.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await _server.Client.SendRawAsync(HttpMethod.Post, kind.Path((string?)document["metadata"]?["namespace"] ?? ""), content, default);
            Assert.True(response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Conflict, await response.Content.ReadAsStringAsync());
        }
    }

    private async Task<string> TokenAsync()
    {
        using var content = new StringContent("""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""", Encoding.UTF8, "application/json");
        using var response = await _server.Client.SendRawAsync(
            HttpMethod.Post, KnownKinds.ServiceAccounts.Resource.Path("portico-system", "gateway", "token"), content, default);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return (string)JsonNode.Parse(text)!["status"]!["token"]!;
    }
}
