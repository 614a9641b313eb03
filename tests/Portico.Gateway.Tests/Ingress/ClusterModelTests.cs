using System.Text;
using Portico.Gateway.Dataplane;
using Portico.Gateway.Ingress;
using Portico.Gateway.Metrics;
using Portico.Gateway.Routing;
using Portico.Gateway.Tests.Fakes;

namespace Portico.Gateway.Tests.Ingress;

public sealed class ClusterModelTests
{
    private readonly GatewayState _state = new(DefaultCertificate.Create(TimeProvider.System));
    private readonly ClusterModel _model;

    public ClusterModelTests() => _model = new("portico.dev/gateway", _state, new MetricsRegistry());

    [Fact]
    public void Flush_ServiceComesLater_ItsIngressIsCompiledAgain()
    {
        _model.Apply(Class + Ingress(1));
        _model.Flush(first: true);
        Assert.Equal(Reasons.ServiceNotFound, Assert.Single(_model.Problems[new("shop", "i1")]).Reason);
        _model.Apply(Service);
        Assert.True(_model.Flush());
        Assert.Empty(_model.Problems[new("shop", "i1")]);
        Assert.Equal([new("shop", "i1")], _model.Reportable);
    }

    [Fact]
    public void Flush_SameObjectAgain_MakesNoSnapshot()
    {
        _model.Apply(Class + Service + "---\n" + Ingress(1));
        _model.Flush(first: true);
        var before = _state.Current;
        _model.Apply(Service);
        _model.Apply(Ingress(1));
        Assert.False(_model.Flush());
        Assert.Same(before, _state.Current);
    }

    [Fact]
    public void Flush_ProtocolOfThePortChanges_RouteGetsABackendOfThatProtocol()
    {
        _model.Apply(Class + Service + "---\n" + Slice("10.0.0.1") + "---\n" + Ingress(1));
        _model.Flush(first: true);
        _model.Apply(Service.Replace("port: 80", "port: 80, appProtocol: kubernetes.io/h2c", StringComparison.Ordinal));
        _model.Flush();
        var backend = _state.Current.Routes.Match("h1.test", "/")!.Backend!;
        Assert.Equal(BackendProtocol.H2c, backend.Protocol);
        Assert.Equal("10.0.0.1:80", backend.Endpoints[0].Authority);
    }

    [Fact]
    public void Flush_OneSliceAmongThousandsOfRoutes_TouchesOnlyItsBackend()
    {
        const int count = 5_000;
        var all = new StringBuilder(Class).Append(Service);
        for (var i = 0; i < count; i++)
        {
            all.Append("---\n").Append(Ingress(i));
        }

        _model.Apply(all.ToString());
        _model.Flush(first: true);
        Assert.Equal(count, _state.Current.Routes.Routes.Count());
        var before = _state.Current;

        // Bytes instead of milliseconds: the machine's load must not decide a test. Compiling all routes again costs megabytes.
        _model.Apply(Slice("10.0.0.1"));
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(_model.Flush());
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        Assert.Same(before, _state.Current);
        Assert.Equal(1, before.Routes.Match("h77.test", "/")!.Backend!.Endpoints.Length);
        // All 5,000 Ingresses look at the Service, none of them at its slices.
        Assert.InRange(allocated, 1, 50_000);
    }

    [Fact]
    public void Flush_OneIngressAmongMany_KeepsTheRoutesOfOtherHosts()
    {
        _model.Apply(Class + Service + "---\n" + Ingress(1) + "---\n" + Ingress(2));
        _model.Flush(first: true);
        var before = _state.Current.Routes;
        _model.Apply(Ingress(2).Replace("path: /", "path: /new", StringComparison.Ordinal));
        Assert.True(_model.Flush());
        Assert.Same(before.Match("h1.test", "/"), _state.Current.Routes.Match("h1.test", "/"));
        Assert.Null(_state.Current.Routes.Match("h2.test", "/"));
        Assert.NotNull(_state.Current.Routes.Match("h2.test", "/new"));
    }

    private const string Class = """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: portico, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
        spec: {controller: portico.dev/gateway}
        ---

        """;

    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {ports: [{port: 80}]}

        """;

    private static string Ingress(int number) => """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: iNUMBER, namespace: shop}
        spec: {rules: [{host: hNUMBER.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}

        """.Replace("NUMBER", $"{number}", StringComparison.Ordinal);

    private static string Slice(string address) => $$$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        ports: [{name: "", port: 80}]
        endpoints: [{addresses: ["{{{address}}}"]}]

        """;
}
