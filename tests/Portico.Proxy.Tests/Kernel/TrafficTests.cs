using System.Net;
using Portico.Api.Objects;
using Portico.Net.Processes;
using Portico.Proxy.Services;
using Portico.Proxy.Simulation;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>The same packets on the real kernel and in the simulator: they must agree on who answers and on the source that it sees.</summary>
[Trait("Category", "Root")]
public sealed class TrafficTests
{
    private const int Attempts = 12;

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task Tcp_EverySourceAndFrontend_KernelAgreesWithSimulator(ProxyMode mode)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        await using var world = await NodeWorld.StartAsync(mode, AddServices);
        var simulator = new PacketSimulator(world.Proxy.Map, world.Options);
        var wrong = new List<string>();
        foreach (var (from, source) in Agreement.Sources)
        {
            foreach (var frontend in world.Proxy.Map.Frontends.Where(frontend => frontend.Key.Protocol == TransportProtocol.Tcp).OrderBy(frontend => frontend.ToString(), StringComparer.Ordinal))
            {
                var outcome = simulator.Trace(new(IPAddress.Parse(source), frontend.Key.Address, TransportProtocol.Tcp, frontend.Key.Port));
                var answers = await Agreement.AskAsync(world, from, frontend.Key, outcome.Verdict, Attempts);
                var what = Agreement.Disagreement(world, from, outcome, answers)
                    ?? (outcome.Endpoints.Count > 1 && answers.Distinct().Count() == 1 ? $"all {answers.Count} connections went to one endpoint" : null);
                if (what is not null)
                {
                    wrong.Add($"{from} → {frontend}: simulator says {outcome.Verdict} {string.Join(',', outcome.Endpoints)} masquerade={outcome.Masqueraded}, kernel: {string.Join(" | ", answers.Distinct())}: {what}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>Where the modes differ, because upstream's do: only nftables looks at addresses without their ports.</summary>
    [Theory]
    [InlineData(ProxyMode.Nftables, "10.96.0.10", 81, Verdict.Reject)]
    [InlineData(ProxyMode.Userspace, "10.96.0.10", 81, Verdict.Reject)]
    [InlineData(ProxyMode.Iptables, "10.96.0.10", 81, Verdict.Pass)]
    [InlineData(ProxyMode.Nftables, "10.96.9.9", 80, Verdict.Drop)]
    [InlineData(ProxyMode.Userspace, "10.96.9.9", 80, Verdict.Drop)]
    [InlineData(ProxyMode.Iptables, "10.96.9.9", 80, Verdict.Pass)]
    public async Task Tcp_NoFrontend_KernelAgreesWithSimulator(ProxyMode mode, string address, int port, Verdict expected)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        await using var world = await NodeWorld.StartAsync(mode, AddServices);
        var key = new FrontendKey(IPAddress.Parse(address), TransportProtocol.Tcp, (ushort)port);
        var outcome = new PacketSimulator(world.Proxy.Map, world.Options).Trace(new(IPAddress.Parse(NodeWorld.ClientAddress), key.Address, key.Protocol, key.Port));
        Assert.Equal(expected, outcome.Verdict);
        Assert.Null(Agreement.Disagreement(world, "client", outcome, await Agreement.AskAsync(world, "client", key, expected, 1)));
    }

    private static void AddServices(NodeWorld world)
    {
        var (local1, local2, remote) = (Make.Endpoint("10.244.1.5"), Make.Endpoint("10.244.1.6"), Make.Endpoint("10.244.2.5", "node2"));
        Add(Make.Service("default", "10.96.0.10", spec => Exposed(spec, 30010), "192.168.77.200"), local1, local2, remote);
        Add(Make.Service("etp-local", "10.96.0.11", spec => Exposed(spec, 30011) with { ExternalTrafficPolicy = "Local", ExternalIPs = ["192.168.77.205"] }, "192.168.77.201"), local1, remote);
        Add(Make.Service("itp-local", "10.96.0.12", spec => Exposed(spec, 30012) with { InternalTrafficPolicy = "Local" }, "192.168.77.202"), local2, remote);
        Add(Make.Service("remote-etp", "10.96.0.13", spec => Exposed(spec, 30013) with { ExternalTrafficPolicy = "Local" }, "192.168.77.203"), remote);
        Add(Make.Service("remote-itp", "10.96.0.14", spec => spec with { InternalTrafficPolicy = "Local" }), remote);
        Add(Make.Service("empty", "10.96.0.15", spec => Exposed(spec, 30015), "192.168.77.204"));
        Add(Make.Service("ranges", "10.96.0.16", spec => Exposed(spec, 30016) with { LoadBalancerSourceRanges = ["10.244.1.0/24", " 10.244.1.5/32 ", "192.168.77.11/32"] }, "192.168.77.206"), local1, local2);
        Add(Make.Service("terminating", "10.96.0.17"), Make.Endpoint("10.244.1.6", ready: false, serving: true, terminating: true));
        Add(Make.Service("not-ready", "10.96.0.18"), Make.Endpoint("10.244.1.6", ready: false));

        static ServiceSpec Exposed(ServiceSpec spec, int nodePort) => spec with { Type = "LoadBalancer", Ports = [new() { Port = 80, NodePort = nodePort }] };

        void Add(Service service, params Endpoint[] endpoints)
        {
            world.Services.Set(service);
            world.Slices.Set(Make.Slice(service.Metadata.Name, NodeWorld.PodPort, endpoints));
        }
    }
}
