using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Objects;
using Portico.Gateway.Dataplane;
using Portico.Gateway.Dataplane.Kestrel;
using Portico.Gateway.Ingress;
using Portico.Gateway.Metrics;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Tests.Fakes;

/// <summary>A real data plane on free ports of 127.0.0.1; the test plays the Kubernetes API.</summary>
internal sealed class LiveGateway : IAsyncDisposable
{
    /// <summary>Class and Service "shop/web" (port 80), and an Ingress that sends everything of shop.test there.</summary>
    public const string Shop = """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: portico, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
        spec: {controller: portico.dev/gateway}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {ports: [{port: 80}]}
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z"}
        spec:
          tls: [{hosts: [shop.test], secretName: shop-tls}]
          rules: [{host: shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
        """;

    private readonly UpstreamPool _pool = new(TimeSpan.FromSeconds(5));
    private readonly KestrelHost _host;
    private readonly Dictionary<int, EndpointSlice> _slices = [];

    private LiveGateway(GatewayOptions options)
    {
        State = new(DefaultCertificate.Create(TimeProvider.System));
        Model = new("portico.dev/gateway", State, Metrics);
        var pipeline = new GatewayPipeline(State, Metrics, _pool, Draining, false, NullLogger.Instance, TimeProvider.System);
        _host = new(options, State, pipeline, new HealthEndpoint(State, Metrics, Draining), NullLoggerFactory.Instance, TimeProvider.System);
    }

    public GatewayState State { get; }

    public MetricsRegistry Metrics { get; } = new();

    public Draining Draining { get; } = new();

    public ClusterModel Model { get; }

    public int HttpPort => _host.EndPoint(ListenerRole.Http).Port;

    public int HttpsPort => _host.EndPoint(ListenerRole.Https).Port;

    public int HealthPort => _host.EndPoint(ListenerRole.Health).Port;

    public static async Task<LiveGateway> StartAsync(params Upstream[] upstreams)
    {
        var gateway = new LiveGateway(new() { Address = IPAddress.Loopback, HttpPort = 0, HttpsPort = 0, HealthPort = 0, DrainTimeout = TimeSpan.FromSeconds(10) });
        await gateway._host.StartAsync(CancellationToken.None);
        gateway.Model.Apply(Shop);
        gateway.Model.Apply(Certificates.Secret("shop", "shop-tls", "first"));
        gateway.Endpoints([.. upstreams.Select(upstream => upstream.Port)]);
        gateway.Model.Flush(first: true);
        return gateway;
    }

    public Task StopAsync() => _host.StopAsync();

    /// <summary>Makes these ports of 127.0.0.1 the endpoints of shop/web: a slice for each, since a slice has one port.</summary>
    public void Endpoints(params int[] ports)
    {
        foreach (var (port, slice) in _slices.Where(pair => !ports.Contains(pair.Key)).ToArray())
        {
            Model.Apply(new Client.Caches.ObjectChange<EndpointSlice>(Api.Kinds.ObjectKey.Of(slice), slice, null));
            _slices.Remove(port);
        }

        foreach (var port in ports.Where(port => !_slices.ContainsKey(port)))
        {
            var slice = new EndpointSlice
            {
                Metadata = new()
                {
                    Name = $"web-{port}",
                    Namespace = "shop",
                    Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = "web" },
                },
                AddressType = "IPv4",
                Ports = [new() { Name = "", Port = port, Protocol = "TCP" }],
                Endpoints = [new() { Addresses = ["127.0.0.1"], Conditions = new() { Ready = true } }],
            };
            Model.Apply(slice);
            _slices[port] = slice;
        }

        Model.Flush();
    }

    /// <summary>A client to whom every host name is this gateway.</summary>
    public HttpClient Client(Version? version = null, Action<SocketsHttpHandler>? configure = null)
    {
        var client = new HttpClient(Handler(configure))
        {
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(20),
        };
        return client;
    }

    public SocketsHttpHandler Handler(Action<SocketsHttpHandler>? configure = null)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port == 443 ? HttpsPort : HttpPort, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        };
        configure?.Invoke(handler);
        return handler;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _pool.Dispose();
    }
}
