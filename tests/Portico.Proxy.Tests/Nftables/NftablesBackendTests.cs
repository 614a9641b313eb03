using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Objects;
using Portico.Net.Nftables;
using Portico.Proxy.Conntrack;
using Portico.Proxy.Nftables;
using Portico.Proxy.Services;
using Portico.Proxy.Tests.Conntrack;

namespace Portico.Proxy.Tests.Nftables;

public sealed class NftablesBackendTests
{
    private static readonly CompileContext Context = new()
    {
        NodeName = "node1", Family = AddressFamily.InterNetwork, NodeAddresses = [IPAddress.Parse("192.168.77.11")],
    };

    private readonly FakeNftables _nftables = new();
    private readonly NftablesBackend _backend;

    public NftablesBackendTests() => _backend = NewBackend(_nftables);

    [Fact]
    public async Task Resync_TableOfServices_ElementsMatchGolden()
    {
        var (local, remote) = (Make.Endpoint("10.244.1.5"), Make.Endpoint("10.244.2.5", "node2"));
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
            (Make.Service("empty", "10.96.0.8"), []),
            (Make.Service("sticky", "10.96.0.9", spec => spec with { SessionAffinity = "ClientIP" }), [local, remote]),
            (Make.Service("sticky-etp-local", "10.96.0.12", spec => spec with { SessionAffinity = "ClientIP", ExternalTrafficPolicy = "Local", Ports = [new() { Port = 80, NodePort = 30081 }] }), [local, remote]),
            (Make.Service("ranges", "10.96.0.10", spec => spec with { LoadBalancerSourceRanges = ["203.0.113.0/25", "198.51.100.7/32"] }, "192.168.77.203"), [remote]),
            (Make.Service("udp-and-sctp", "10.96.0.11", spec => spec with { Ports = [new() { Name = "udp", Port = 53, Protocol = "UDP" }, new() { Name = "s", Port = 99, Protocol = "SCTP" }] }), [local]),
        })
        {
            var nftables = new FakeNftables();
            await NewBackend(nftables).ResyncAsync(Map((service, endpoints)), default);
            text.Append(CultureInfo.InvariantCulture, $"# {service.Metadata.Name}\n");
            foreach (var line in nftables.Elements.Values.Select(ElementText.Of).Order(StringComparer.Ordinal))
            {
                text.Append(line).Append('\n');
            }

            text.Append('\n');
        }

        Golden.Matches(text.ToString(), "elements.txt");
    }

    [Fact]
    public async Task Apply_OneEndpointMoreAndLess_FewElementsWhateverTheSize()
    {
        var endpoints = Enumerable.Range(1, 200).Select(number => Make.Endpoint($"10.244.2.{number}", "node2")).ToList();
        var map = Map((Make.Service("web", "10.96.0.1"), [.. endpoints]));
        await _backend.ResyncAsync(map, default);

        map = await ApplyAsync(map, (Make.Service("web", "10.96.0.1"), [.. endpoints, Make.Endpoint("10.244.3.1", "node2")]));
        Assert.Equal((1, 2), _backend.LastChange);

        endpoints.RemoveAt(17);
        await ApplyAsync(map, (Make.Service("web", "10.96.0.1"), [.. endpoints, Make.Endpoint("10.244.3.1", "node2")]));
        Assert.Equal((3, 2), _backend.LastChange);
    }

    [Fact]
    public async Task Apply_EndpointReplaced_OneElement()
    {
        var map = Map((Make.Service("web", "10.96.0.1"), [Make.Endpoint("10.244.2.1", "node2"), Make.Endpoint("10.244.2.2", "node2")]));
        await _backend.ResyncAsync(map, default);
        await ApplyAsync(map, (Make.Service("web", "10.96.0.1"), [Make.Endpoint("10.244.2.2", "node2"), Make.Endpoint("10.244.2.3", "node2")]));
        Assert.Equal((1, 1), _backend.LastChange);
    }

    [Fact]
    public Task ApplyAndResync_AnyHistory_SameElementsAsFromNothing() => RandomHistory.SampleAsync<FakeNftables>(
        9, NewBackend, (number, shape, endpoints) => Plan(Shape(number, shape), endpoints),
        (nftables, fresh, _) =>
        {
            Assert.Equal(Show(fresh), Show(nftables));
            return Task.CompletedTask;
        });

    [Fact]
    public async Task Apply_KernelRefuses_ResyncRepairs()
    {
        var map = Map((Make.Service("web", "10.96.0.1"), [Make.Endpoint("10.244.2.1", "node2")]));
        await _backend.ResyncAsync(map, default);
        _nftables.FailNext = new IOException("no");
        (map, var changes) = map.With([Plan(Make.Service("web", "10.96.0.1"), Make.Endpoint("10.244.2.2", "node2"), Make.Endpoint("10.244.2.3", "node2"))]);
        await Assert.ThrowsAsync<IOException>(() => _backend.ApplyAsync(changes, default));

        await _backend.ResyncAsync(map, default);

        var fresh = new FakeNftables();
        await NewBackend(fresh).ResyncAsync(map, default);
        Assert.Equal(Show(fresh), Show(_nftables));
    }

    [Fact]
    public async Task Apply_MoreEndpointsThanReadyChains_ChainComesFirst()
    {
        await _backend.ResyncAsync(ServiceMap.Empty, default);
        await ApplyAsync(ServiceMap.Empty, (Make.Service("web", "10.96.0.1"), [.. Enumerable.Range(1, 50).Select(number => Make.Endpoint($"10.244.2.{number}"))]));
        Assert.Contains("numgen random mod 50 ", _nftables.Scripts[^1], StringComparison.Ordinal);
        Assert.Contains(_nftables.Elements.Values, element => element.Goto == "pick-50");
    }

    [Fact]
    public async Task Resync_ElementsAreAllThere_ChainsTheyLeadToAreRenewedAllTheSame()
    {
        var sticky = Make.Service("web", "10.96.0.1", spec => spec with { SessionAffinity = "ClientIP" });
        var map = Map((sticky, [Make.Endpoint("10.244.1.1"), Make.Endpoint("10.244.1.2")]));
        await _backend.ResyncAsync(map, default);
        await NewBackend(_nftables).ResyncAsync(map, default);
        Assert.Equal(["remember-10800", "sticky-pick-2"], _nftables.Written[^2..].Order(StringComparer.Ordinal));
    }

    private static Service Shape(int number, int shape) => Make.Annotated(Make.Service($"s{number}", $"10.96.0.{number}", spec => shape switch
    {
        2 => spec with { InternalTrafficPolicy = "Local" },
        3 => spec with { ExternalTrafficPolicy = "Local", Ports = [new() { Port = 80, NodePort = 30000 + number }] },
        4 => spec with { SessionAffinity = "ClientIP" },
        7 => spec with { SessionAffinity = "ClientIP", ExternalTrafficPolicy = "Local" },
        5 => spec with { ExternalIPs = ["192.0.2.1"], ExternalTrafficPolicy = number == 1 ? "Local" : null },
        6 => spec with { LoadBalancerSourceRanges = ["10.0.0.0/8", "10.1.0.0/16"] },
        _ => spec,
    }, shape >= 6 ? [$"192.168.77.{number}"] : []), shape switch
    {
        7 => [("portico.dev/algorithm", "round-robin")],
        8 => [("portico.dev/algorithm", "source-hash")],
        9 => [("portico.dev/algorithm", "maglev"), ("portico.dev/client-address", "keep")],
        _ => [],
    });

    private static string Show(FakeNftables nftables)
    {
        // Slots may differ with the history; who is in them may not.
        var lines = nftables.Elements.Values.Select(element => element.Set == Layout.Endpoints
            ? $"{element.Set} {Convert.ToHexString(element.Key.Span[..8])} {(BitConverter.ToInt32(element.Key.Span[12..]) < Layout.LocalSlots ? "cluster" : "local")} {element.Data}"
            : ElementText.Of(element));
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    private static NftablesBackend NewBackend(INftables nftables) =>
        new(nftables, new(Make.Options()), new FlowCleaner(new NoFlows(), new(TimeProvider.System, ProxyMode.Nftables, "IPv4"), TimeProvider.System), 4, NullLogger.Instance);

    private static ServicePlan Plan(Service service, params Endpoint[] endpoints) => ServiceCompiler.Compile(
        service,
        [Make.Slice(service.Metadata.Name, [new() { Name = "", Port = 8080 }, new() { Name = "udp", Port = 8053, Protocol = "UDP" }, new() { Name = "s", Port = 8099, Protocol = "SCTP" }], endpoints)],
        Context);

    private static ServiceMap Map((Service Service, Endpoint[] Endpoints) item) => ServiceMap.Empty.With([Plan(item.Service, item.Endpoints)]).Map;

    private async Task<ServiceMap> ApplyAsync(ServiceMap map, (Service Service, Endpoint[] Endpoints) item)
    {
        (map, var changes) = map.With([Plan(item.Service, item.Endpoints)]);
        await _backend.ApplyAsync(changes, default);
        return map;
    }
}
