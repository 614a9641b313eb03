using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Objects;
using Portico.Proxy.Conntrack;
using Portico.Proxy.Iptables;
using Portico.Proxy.Services;
using Portico.Proxy.Tests.Conntrack;

namespace Portico.Proxy.Tests.Iptables;

public sealed class IptablesBackendTests
{
    private static readonly CompileContext Context = new()
    {
        NodeName = "node1", Family = AddressFamily.InterNetwork, NodePortAddresses = [IPAddress.Parse("192.168.77.11")],
        NodeAddresses = [IPAddress.Parse("192.168.77.11")], Mode = ProxyMode.Iptables,
    };

    private readonly FakeIptables _iptables = new();
    private readonly IptablesBackend _backend;

    public IptablesBackendTests() => _backend = NewBackend(_iptables);

    [Fact]
    public async Task Resync_NoService_FixedRulesMatchGolden()
    {
        await _backend.ResyncAsync(ServiceMap.Empty, default);
        Golden.Matches(await _iptables.SaveAsync(default), "fixed.rules");
    }

    [Fact]
    public async Task Resync_LiberalConntrack_InvalidIsNotDropped()
    {
        await _backend.ResyncAsync(ServiceMap.Empty, default);
        Assert.Contains("-m conntrack --ctstate INVALID -j DROP", _iptables.Rules("filter", "KUBE-FORWARD")!);

        await NewBackend(_iptables, Make.Options(ProxyMode.Iptables) with { ConntrackIsLiberal = true }).ResyncAsync(ServiceMap.Empty, default);

        Assert.Equal(2, _iptables.Rules("filter", "KUBE-FORWARD")!.Count);
        Assert.DoesNotContain("-m conntrack --ctstate INVALID -j DROP", _iptables.Rules("filter", "KUBE-FORWARD")!);
    }

    [Fact]
    public async Task Apply_TableOfServices_ScriptsMatchGolden()
    {
        var (local, remote) = (Make.Endpoint("10.244.1.5"), Make.Endpoint("10.244.2.5", "node2"));
        await _backend.ResyncAsync(ServiceMap.Empty, default);
        var map = ServiceMap.Empty;
        var text = new StringBuilder();
        foreach (var (service, endpoints) in new (Service, Endpoint[])[]
        {
            (Make.Service("cluster-ip", "10.96.0.1"), [local, remote]),
            (Make.Service("node-port", "10.96.0.2", spec => spec with { Ports = [new() { Port = 80, NodePort = 30080 }] }), [remote]),
            (Make.Service("balancer", "10.96.0.3", null, "192.168.77.200"), [remote]),
            (Make.Service("etp-local", "10.96.0.4", spec => spec with { ExternalTrafficPolicy = "Local" }, "192.168.77.201"), [local, remote]),
            (Make.Service("etp-local-none-here", "10.96.0.5", spec => spec with { ExternalTrafficPolicy = "Local" }, "192.168.77.202"), [remote]),
            (Make.Service("itp-local", "10.96.0.6", spec => spec with { InternalTrafficPolicy = "Local" }), [local, remote]),
            (Make.Service("itp-local-none-here", "10.96.0.7", spec => spec with { InternalTrafficPolicy = "Local" }), [remote]),
            (Make.Service("empty", "10.96.0.8", spec => spec with { Ports = [new() { Port = 80, NodePort = 30081 }] }), []),
            (Make.Service("sticky", "10.96.0.9", spec => spec with { SessionAffinity = "ClientIP" }), [local, remote]),
            (Make.Service("ranges", "10.96.0.10", spec => spec with { LoadBalancerSourceRanges = ["203.0.113.0/25", "198.51.100.7/32"] }, "192.168.77.203"), [remote]),
            (Make.Service("ranges-empty", "10.96.0.12", spec => spec with { LoadBalancerSourceRanges = ["203.0.113.0/25"] }, "192.168.77.204"), []),
            (Make.Service("udp-and-sctp", "10.96.0.11", spec => spec with { Ports = [new() { Name = "udp", Port = 53, Protocol = "UDP" }, new() { Name = "s", Port = 99, Protocol = "SCTP" }] }), [local]),
            (Make.Service("health-check", "10.96.0.13", spec => spec with { Type = "LoadBalancer", ExternalTrafficPolicy = "Local", HealthCheckNodePort = 31000, Ports = [new() { Port = 80 }, new() { Name = "udp", Port = 53, Protocol = "UDP" }] }), [local]),
            (Make.Annotated(Make.Service("keep", "10.96.0.14", null, "192.168.77.205"), ("portico.dev/client-address", "keep")), [local, remote]),
            (Make.Annotated(Make.Service("round-robin", "10.96.0.15"), ("portico.dev/algorithm", "round-robin")), [local, remote]),
        })
        {
            map = await ApplyAsync(map, service, endpoints);
            text.Append(CultureInfo.InvariantCulture, $"# {service.Metadata.Name}\n{_iptables.Scripts[^1]}\n");
        }

        Golden.Matches(text.ToString(), "services.rules");
    }

    [Fact]
    public async Task Apply_OneEndpointMore_OnlyTheChainsOfThePortAreWritten()
    {
        var map = ServiceMap.Empty;
        await _backend.ResyncAsync(map, default);
        for (var number = 1; number <= 50; number++)
        {
            map = await ApplyAsync(map, Make.Service($"s{number}", $"10.96.0.{number}"), Make.Endpoint("10.244.1.5"));
        }

        map = await ApplyAsync(map, Make.Service("s17", "10.96.0.17"), Make.Endpoint("10.244.1.5"), Make.Endpoint("10.244.1.6"));
        Assert.Equal((2, 0, 0), _backend.LastChange);

        map = await ApplyAsync(map, Make.Service("s17", "10.96.0.17"), Make.Endpoint("10.244.1.6"));
        Assert.Equal((1, 1, 0), _backend.LastChange);

        await ApplyAsync(map, Make.Service("new", "10.96.0.99"), Make.Endpoint("10.244.1.5"));
        Assert.Equal((2, 0, 1), _backend.LastChange);
    }

    [Fact]
    public Task ApplyAndResync_AnyHistory_SameRulesAsFromNothing() => RandomHistory.SampleAsync<FakeIptables>(
        6, iptables => NewBackend(iptables), (number, shape, endpoints) => Plan(Shape(number, shape), endpoints),
        async (iptables, fresh, map) =>
        {
            Assert.Equal(await ShowAsync(fresh), await ShowAsync(iptables));
            var again = NewBackend(iptables);
            await again.ResyncAsync(map, default);
            Assert.Equal((0, 0, 0), again.LastChange);
        });

    [Fact]
    public async Task Resync_RulesOfOthersAndLeftovers_OnlyOursChange()
    {
        var (map, _) = ServiceMap.Empty.With([Plan(Make.Service("web", "10.96.0.1"), Make.Endpoint("10.244.1.5"))]);
        await _backend.ResyncAsync(map, default);
        var wanted = await _iptables.SaveAsync(default);
        _iptables.Add("nat", "KUBE-SEP-OFANOTHERTIME234");
        _iptables.Add("filter", "KUBE-FIREWALL", "-j DROP");
        _iptables.Add("filter", "DOCKER", "-j ACCEPT");
        _iptables.Add("nat", "KUBE-MARK-MASQ");

        await _backend.ResyncAsync(map, default);

        Assert.Equal((1, 1, 0), _backend.LastChange);
        Assert.Equal(["-j DROP"], _iptables.Rules("filter", "KUBE-FIREWALL")!);
        Assert.Equal(["-j ACCEPT"], _iptables.Rules("filter", "DOCKER")!);
        Assert.Equal(wanted, (await _iptables.SaveAsync(default))
            .Replace(":DOCKER - [0:0]\n", "", StringComparison.Ordinal).Replace("-A DOCKER -j ACCEPT\n", "", StringComparison.Ordinal)
            .Replace(":KUBE-FIREWALL - [0:0]\n", "", StringComparison.Ordinal).Replace("-A KUBE-FIREWALL -j DROP\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Removal_EverythingOfOurs_OthersStay()
    {
        var before = await _iptables.SaveAsync(default);
        var map = ServiceMap.Empty;
        for (var number = 1; number <= 600; number++)
        {
            (map, _) = map.With([Plan(Shape(number % 250, 1 + (number % 6)), Make.Endpoint("10.244.1.5"), Make.Endpoint("10.244.1.6"))]);
        }

        await _backend.ResyncAsync(map, default);
        Assert.NotEqual(before, await _iptables.SaveAsync(default));

        foreach (var script in Removal.Of(SavedRules.Parse(await _iptables.SaveAsync(default))).Write())
        {
            await _iptables.RestoreAsync(script, default);
        }

        Assert.Equal(before, await _iptables.SaveAsync(default));
        Assert.Empty(Removal.Of(SavedRules.Parse(before)).Write());
    }

    private static Service Shape(int number, int shape) => Make.Service($"s{number}", $"10.96.0.{number}", spec => shape switch
    {
        2 => spec with { InternalTrafficPolicy = "Local" },
        3 => spec with { ExternalTrafficPolicy = "Local", Ports = [new() { Port = 80, NodePort = 30000 + number }] },
        4 => spec with { SessionAffinity = "ClientIP" },
        5 => spec with { ExternalIPs = ["192.0.2.1"], ExternalTrafficPolicy = number == 1 ? "Local" : null },
        6 => spec with { LoadBalancerSourceRanges = ["10.0.0.0/8", "10.1.0.0/16"] },
        _ => spec,
    }, shape == 6 ? [$"192.168.77.{number}"] : []);

    // The order of entries says nothing.
    private static async Task<string> ShowAsync(FakeIptables iptables)
    {
        var saved = SavedRules.Parse(await iptables.SaveAsync(default));
        return string.Join('\n', saved.Chains.Select(chain =>
            $"{chain}: {string.Join(" | ", ChainNames.IsOfServicePort(chain.Name) ? saved[chain]! : saved[chain]!.Order(StringComparer.Ordinal))}"));
    }

    private static IptablesBackend NewBackend(FakeIptables iptables, ServiceProxyOptions? options = null) =>
        new(iptables, options ?? Make.Options(ProxyMode.Iptables), new FlowCleaner(new NoFlows(), new(TimeProvider.System, ProxyMode.Iptables, "IPv4"), TimeProvider.System), NullLogger.Instance);

    private static ServicePlan Plan(Service service, params Endpoint[] endpoints) => ServiceCompiler.Compile(
        service,
        [Make.Slice(service.Metadata.Name, [new() { Name = "", Port = 8080 }, new() { Name = "udp", Port = 8053, Protocol = "UDP" }, new() { Name = "s", Port = 8099, Protocol = "SCTP" }], endpoints)],
        Context);

    private async Task<ServiceMap> ApplyAsync(ServiceMap map, Service service, params Endpoint[] endpoints)
    {
        (map, var changes) = map.With([Plan(service, endpoints)]);
        await _backend.ApplyAsync(changes, default);
        return map;
    }
}
