using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests.Services;

public sealed class ServiceCompilerTests
{
    private static readonly CompileContext Context = new()
    {
        NodeName = "node1", Family = AddressFamily.InterNetwork, NodeAddresses = [IPAddress.Parse("192.168.77.11"), IPAddress.Parse("172.31.0.1")],
    };

    [Fact]
    public void Compile_EveryWayIn_OneFrontendEach()
    {
        var plan = Compile(Make.Service("web", "10.96.0.1", spec => spec with
        {
            ExternalIPs = ["198.51.100.7", "2001:db8::1"],
            Ports = [new() { Port = 80, NodePort = 30080 }],
        }, "192.168.77.200"));

        Assert.Equal(
            [
                "shop/web: ClusterIP 10.96.0.1:80/tcp", "shop/web: LoadBalancer 192.168.77.200:80/tcp", "shop/web: ExternalIP 198.51.100.7:80/tcp",
                "shop/web: NodePort 192.168.77.11:30080/tcp", "shop/web: NodePort 172.31.0.1:30080/tcp",
            ],
            plan.Frontends.Select(frontend => frontend.ToString()));
        Assert.Empty(plan.Problems);
    }

    [Theory]
    [InlineData("None", "ClusterIP")]
    [InlineData("", "ClusterIP")]
    [InlineData("10.96.0.1", "ExternalName")]
    public void Compile_HeadlessOrExternalName_Nothing(string clusterIP, string type) =>
        Assert.Empty(Compile(Make.Service("web", clusterIP, spec => spec with { Type = type })).Frontends);

    [Fact]
    public void Compile_LabelOfAnotherProxy_Nothing()
    {
        var service = Make.Service("web", "10.96.0.1");
        service = service with { Metadata = service.Metadata with { Labels = new Dictionary<string, string> { ["service.kubernetes.io/service-proxy-name"] = "" } } };
        Assert.Empty(Compile(service).Frontends);
    }

    [Fact]
    public void Compile_BalancerModeProxyOrHostname_NotShortCircuited()
    {
        var service = Make.Service("web", "10.96.0.1") with
        {
            Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = "192.0.2.1", IpMode = "Proxy" }, new() { Hostname = "lb.example" }, new() { Ip = "192.0.2.2", IpMode = "VIP" }] } },
        };
        Assert.Equal(["10.96.0.1", "192.0.2.2"], Compile(service).Frontends.Select(frontend => frontend.Key.Address.ToString()));
    }

    [Fact]
    public void Compile_DualStack_OnlyOurFamily()
    {
        var service = Make.Service("web", "fd00::1", spec => spec with { ClusterIPs = ["fd00::1", "10.96.0.1"], Ports = [new() { Port = 80, NodePort = 30080 }] });
        Assert.Equal(["10.96.0.1", "192.168.77.11", "172.31.0.1"], Compile(service).Frontends.Select(frontend => frontend.Key.Address.ToString()));
    }

    [Fact]
    public void Compile_OtherFamilyOnly_NoFrontendNorHealthCheck()
    {
        var plan = Compile(Make.Service("web", "fd00::1", spec => spec with
        {
            Type = "LoadBalancer", ExternalTrafficPolicy = "Local", HealthCheckNodePort = 31000, Ports = [new() { Port = 80, NodePort = 30080 }],
        }));
        Assert.Empty(plan.Frontends);
        Assert.Null(plan.HealthCheck);
    }

    [Theory]
    [InlineData("Cluster", "Cluster", false)]
    [InlineData("Cluster", "Local", true)]
    [InlineData("Local", "Cluster", true)]
    [InlineData("Local", "Local", true)]
    public void Compile_FrontendsOfOnePort_StandForItAndTellWhetherTheyChooseAlike(string inside, string outside, bool apart)
    {
        var plan = Compile(Make.Service("web", "10.96.0.1", spec => spec with
        {
            InternalTrafficPolicy = inside, ExternalTrafficPolicy = outside, Ports = [new() { Port = 80, NodePort = 30080 }, new() { Name = "b", Port = 81 }],
        }, "192.168.77.200"));

        Assert.Equal(["10.96.0.1:80/tcp", "10.96.0.1:81/tcp"], plan.Frontends.Select(frontend => frontend.PortKey.ToString()).Distinct());
        Assert.All(plan.Frontends, frontend => Assert.Equal(apart && frontend.Kind != FrontendKind.ClusterIP, frontend.ChoosesApart));
        Assert.Contains(plan.Frontends, frontend => frontend.Kind == FrontendKind.NodePort && frontend.PortKey.Port == 80);
    }

    [Theory]
    [InlineData("10.96.0.1", 1)]
    [InlineData("fd00::1", 0)]
    public void Compile_ProblemOfADualStackService_ToldByItsFirstFamily(string first, int problems)
    {
        string[] both = first == "fd00::1" ? [first, "10.96.0.1"] : [first, "fd00::1"];
        Assert.Equal(problems, Compile(Make.Annotated(Make.Service("web", first, spec => spec with { ClusterIPs = both }), ("portico.dev/drain", "now"))).Problems.Length);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("0.0.0.0/0 10.0.0.0/8", null)]
    [InlineData("2001:db8::/32", null)]
    [InlineData(" 10.0.0.0/8 |10.1.0.0/16|192.0.2.0/24", "10.0.0.0/8 192.0.2.0/24")]
    [InlineData("nonsense", "")]
    [InlineData("192.168.77.0/28", "192.168.77.0/28 192.168.77.200/32")]
    public void Compile_SourceRanges_OnlyForBalancerAddresses(string ranges, string? expected)
    {
        var plan = Compile(Make.Service("web", "10.96.0.1", spec => spec with { LoadBalancerSourceRanges = ranges.Length == 0 ? [] : ranges.Split(ranges.Contains('|') ? '|' : ' ') }, "192.168.77.200"));

        var balancer = Assert.Single(plan.Frontends, frontend => frontend.Kind == FrontendKind.LoadBalancer);
        Assert.Equal(expected, balancer.AllowedSources is { } allowed ? string.Join(' ', allowed.Select(network => network.ToString())) : null);
        Assert.All(plan.Frontends.Where(frontend => frontend.Kind != FrontendKind.LoadBalancer), frontend => Assert.Null(frontend.AllowedSources));
    }

    [Theory]
    [InlineData(null, 10800)]
    [InlineData(30, 30)]
    [InlineData(0, 1)]
    [InlineData(1000000, 86400)]
    public void Compile_Affinity_TimeoutBounded(int? seconds, int expected)
    {
        var plan = Compile(Make.Service("web", "10.96.0.1", spec => spec with { SessionAffinity = "ClientIP", SessionAffinityConfig = new() { ClientIP = new() { TimeoutSeconds = seconds } } }));
        Assert.Equal(TimeSpan.FromSeconds(expected), plan.Frontends[0].Affinity);
    }

    [Fact]
    public void Compile_HealthCheck_CountsDistinctReadyLocalAddresses()
    {
        var service = Make.Service("web", "10.96.0.1", spec => spec with
        {
            Type = "LoadBalancer", ExternalTrafficPolicy = "Local", HealthCheckNodePort = 31000,
            Ports = [new() { Port = 80 }, new() { Name = "udp", Port = 53, Protocol = "UDP" }],
        });
        var slice = Make.Slice("web", 8080, Make.Endpoint("10.244.1.1"), Make.Endpoint("10.244.1.2", ready: false, serving: true, terminating: true), Make.Endpoint("10.244.2.1", "node2"));

        Assert.Equal(new HealthCheckPort(31000, 1), Compile(service, slice).HealthCheck);
        Assert.Equal([31000, null], Compile(service, slice).Frontends.Where(frontend => frontend.Kind == FrontendKind.ClusterIP).Select(frontend => frontend.HealthCheckPort));
        Assert.Null(Compile(service with { Spec = service.Spec with { ExternalTrafficPolicy = "Cluster" } }, slice).HealthCheck);
    }

    [Theory]
    [InlineData(null, Algorithm.Random, 0)]
    [InlineData("random", Algorithm.Random, 0)]
    [InlineData("round-robin", Algorithm.RoundRobin, 0)]
    [InlineData("source-hash", Algorithm.SourceHash, 0)]
    [InlineData("maglev", Algorithm.Maglev, 0)]
    [InlineData("Maglev", Algorithm.Random, 1)]
    [InlineData("", Algorithm.Random, 1)]
    public void Compile_AlgorithmAnnotation_OnEveryFrontendOrAProblem(string? value, Algorithm expected, int problems)
    {
        var plan = Compile(Annotated("portico.dev/algorithm", value));
        Assert.All(plan.Frontends, frontend => Assert.Equal(expected, frontend.Algorithm));
        Assert.Equal(problems, plan.Problems.Length);
        Assert.All(plan.Problems, problem => Assert.Contains("metadata.annotations[portico.dev/algorithm]: '" + value, problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ProxyMode.Iptables, "round-robin", Algorithm.RoundRobin, null)]
    [InlineData(ProxyMode.Iptables, "source-hash", Algorithm.Random, "only mode nftables can do source-hash; random is used")]
    [InlineData(ProxyMode.Iptables, "maglev", Algorithm.Random, "only mode nftables can do maglev; random is used")]
    [InlineData(ProxyMode.Userspace, "maglev", Algorithm.Random, "only mode nftables can do maglev; round-robin is used")]
    [InlineData(ProxyMode.Userspace, "round-robin", Algorithm.RoundRobin, null)]
    public void Compile_AlgorithmThatTheModeLacks_IsAProblem(ProxyMode mode, string value, Algorithm expected, string? problem)
    {
        var plan = ServiceCompiler.Compile(Annotated("portico.dev/algorithm", value), [], Context with { Mode = mode });
        Assert.All(plan.Frontends, frontend => Assert.Equal(expected, frontend.Algorithm));
        Assert.Equal(problem is null ? [] : ["metadata.annotations[portico.dev/algorithm]: " + problem], plan.Problems);
    }

    [Theory]
    [InlineData(null, Masquerade.Everybody, 0)]
    [InlineData("keep", Masquerade.Node, 0)]
    [InlineData("yes", Masquerade.Everybody, 1)]
    public void Compile_ClientAddressAnnotation_ForWaysInFromOutside(string? value, Masquerade expected, int problems)
    {
        var plan = Compile(Annotated("portico.dev/client-address", value));
        Assert.Equal([Masquerade.NotPods, expected, expected], plan.Frontends.Select(frontend => frontend.Masquerade));
        Assert.Equal(problems, plan.Problems.Length);
    }

    [Fact]
    public void Compile_BalancerAddress_OwnedOnlyWhenItCameFromAPool()
    {
        var service = Make.Service("web", "10.96.0.1", spec => spec with { ExternalIPs = ["198.51.100.7"] }, "192.168.77.200");
        Assert.Equal([true, false, false], Compile(service).Frontends.Select(frontend => frontend.OwnsAddress));
        Assert.Equal([true, true, false], Compile(Make.Allocated(service)).Frontends.Select(frontend => frontend.OwnsAddress));
    }

    [Fact]
    public void Compile_HeadlessLabelOfASlice_Ignored()
    {
        var slice = Make.Slice("web", 8080, Make.Endpoint("10.244.1.1"));
        slice = slice with { Metadata = slice.Metadata with { Labels = new Dictionary<string, string>(slice.Metadata.Labels) { ["service.kubernetes.io/headless"] = "" } } };
        Assert.Empty(Compile(Make.Service("web", "10.96.0.1"), slice).Frontends[0].Cluster);
    }

    [Fact]
    public void Compile_BadFields_HarmOnlyThemselves()
    {
        var plan = Compile(Make.Service("web", "10.96.0.1", spec => spec with
        {
            ExternalIPs = ["what", "198.51.100.7"], Ports = [new() { Port = 80 }, new() { Name = "x", Port = 99999 }, new() { Name = "y", Port = 1, Protocol = "QUIC" }],
        }));
        Assert.Equal(["10.96.0.1:80", "198.51.100.7:80"], plan.Frontends.Select(frontend => new IPEndPoint(frontend.Key.Address, frontend.Key.Port).ToString()));
        Assert.Equal(3, plan.Problems.Length);
    }

    [Theory]
    [InlineData("portico.dev/drain", "cut", true, true, ProxyProtocolVersion.None, false)]
    [InlineData("portico.dev/drain", "wait", true, false, ProxyProtocolVersion.None, false)]
    [InlineData("portico.dev/drain", "now", true, false, ProxyProtocolVersion.None, true)]
    [InlineData("portico.dev/proxy-protocol", "v1", true, false, ProxyProtocolVersion.V1, false)]
    [InlineData("portico.dev/proxy-protocol", "v2", true, false, ProxyProtocolVersion.V2, false)]
    [InlineData("portico.dev/proxy-protocol", "v2", false, false, ProxyProtocolVersion.None, true)]
    [InlineData("portico.dev/proxy-protocol", "2", true, false, ProxyProtocolVersion.None, true)]
    public void Compile_ConnectionAnnotations_BadOnesAreNamed(string annotation, string value, bool userspace, bool cuts, ProxyProtocolVersion version, bool isProblem)
    {
        var service = Make.Service("web", "10.96.0.1");
        service = service with { Metadata = service.Metadata with { Annotations = new Dictionary<string, string> { [annotation] = value } } };
        var plan = ServiceCompiler.Compile(service, [], Context with { Mode = userspace ? ProxyMode.Userspace : ProxyMode.Nftables });
        Assert.Equal((cuts, version), (plan.Frontends[0].CutsConnections, plan.Frontends[0].ProxyProtocol));
        Assert.Equal(isProblem, plan.Problems.Any(problem => problem.StartsWith($"metadata.annotations[{annotation}]: '{value}'", StringComparison.Ordinal)
            || (!userspace && problem.Contains("userspace", StringComparison.Ordinal))));
    }

    [Fact]
    public void Compile_SameObjectsAgain_EqualByValue()
    {
        var service = Make.Service("web", "10.96.0.1", spec => spec with { LoadBalancerSourceRanges = ["10.0.0.0/8"] }, "192.168.77.200");
        var slice = Make.Slice("web", 8080, Make.Endpoint("10.244.1.1"));
        Assert.Equal(Compile(service, slice).Frontends.AsEnumerable(), Compile(service, slice).Frontends.AsEnumerable());
    }

    private static Service Annotated(string annotation, string? value)
    {
        var service = Make.Service("web", "10.96.0.1", spec => spec with { ExternalIPs = ["198.51.100.7"] }, "192.168.77.200");
        return value is null ? service : Make.Annotated(service, (annotation, value));
    }

    private static ServicePlan Compile(Service service, params EndpointSlice[] slices) => ServiceCompiler.Compile(service, slices, Context);
}
