using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Net.Processes;
using Portico.Proxy.Services;
using Portico.Proxy.Simulation;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>The IPv6 proxy on the real kernel: who answers, what source it sees, what is refused.</summary>
[Trait("Category", "Root")]
public sealed class IPv6TrafficTests
{
    private const string Pod1 = "fd00:244:1::5";
    private const string Pod2 = "fd00:244:1::6";
    private const string Pod3 = "fd00:244:2::5";

    public static ServiceProxyOptions Options => Make.Options() with
    {
        Family = AddressFamily.InterNetworkV6,
        NodeAddresses = [IPAddress.Parse(NodeWorld.NodeAddress6)],
        Pods = LocalDetector.ByNetwork("fd00:244::/32"),
        ServiceCidrs = ["fd00:96::/112"],
    };

    [Theory]
    [InlineData(TransportProtocol.Tcp)]
    [InlineData(TransportProtocol.Udp)]
    public async Task EverySourceAndFrontend_KernelAgreesWithSimulator(TransportProtocol protocol)
    {
        await using var world = await StartAsync();
        var simulator = new PacketSimulator(world.Proxy.Map, world.Options);
        var wrong = new List<string>();
        foreach (var (from, source) in new[] { ("client", NodeWorld.ClientAddress6), ("node", NodeWorld.NodeAddress6), ("pod1", Pod1) })
        {
            foreach (var frontend in world.Proxy.Map.Frontends.Where(frontend => frontend.Key.Protocol == protocol))
            {
                var outcome = simulator.Trace(new(IPAddress.Parse(source), frontend.Key.Address, protocol, frontend.Key.Port));
                for (var attempt = 0; attempt < (outcome.Verdict == Verdict.Forward ? 6 : 1); attempt++)
                {
                    var answer = await AskAsync(world, from, frontend.Key, outcome.Verdict);
                    if (!Agrees(from, source, protocol, outcome, answer))
                    {
                        wrong.Add($"{from} → {frontend}: simulator says {outcome.Verdict} {string.Join(',', outcome.Endpoints)} masquerade={outcome.Masqueraded}, kernel: {answer}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Maglev_AllEndpointsAreReached()
    {
        await using var world = await StartAsync();
        var seen = new HashSet<string>();
        for (var attempt = 0; attempt < 40; attempt++)
        {
            seen.Add((await AskAsync(world, "client", new(IPAddress.Parse("fd00:96::18"), TransportProtocol.Tcp, 80), Verdict.Forward)).Split(' ')[0]);
        }

        Assert.Equal(["pod1", "pod2", "pod3"], seen.Order(StringComparer.Ordinal));
    }

    private static bool Agrees(string from, string source, TransportProtocol protocol, PacketOutcome outcome, string answer)
    {
        if (outcome.Verdict != Verdict.Forward)
        {
            // A datagram that the node's own rules stop does not even leave the socket.
            return from == "node" && protocol == TransportProtocol.Udp ? answer == "AccessDenied" : answer == (outcome.Verdict == Verdict.Reject ? "refused" : "lost");
        }

        var words = answer.Split(' ');
        var address = words[0] switch { "pod1" => Pod1, "pod2" => Pod2, "pod3" => Pod3, _ => "" };
        return words.Length == 2
            && outcome.Endpoints.Any(endpoint => endpoint.Address.ToString() == address)
            && words[1] == (outcome.Masqueraded || words[0] == from ? NodeWorld.NodeAddress6 : source);
    }

    private static async Task<string> AskAsync(NodeWorld world, string from, FrontendKey key, Verdict expected)
    {
        var (address, milliseconds) = (key.Address.ToString(), expected == Verdict.Drop ? 300 : 3000);
        var inside = from == "client" ? world.Client : from == "node" ? world.Node : world.Pods[from].Namespace;
        if (key.Protocol == TransportProtocol.Tcp)
        {
            return await NodeWorld.AskTcpAsync(inside, address, key.Port, milliseconds);
        }

        using var socket = NodeWorld.UdpSocket(inside, AddressFamily.InterNetworkV6);
        return expected == Verdict.Reject
            ? await NodeWorld.AskUdpUntilRefusedAsync(socket, address, key.Port)
            : await NodeWorld.AskUdpAsync(socket, address, key.Port, milliseconds);
    }

    private static Task<NodeWorld> StartAsync()
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        return NodeWorld.StartAsync(Options, world =>
        {
            var (local1, local2, remote) = (Make.Endpoint(Pod1), Make.Endpoint(Pod2), Make.Endpoint(Pod3, "node2"));
            Add("default", 10, spec => spec, [local1, local2, remote]);
            Add("etp-local", 11, spec => spec with { ExternalTrafficPolicy = "Local", ExternalIPs = ["fd00:77:205::1"] }, [local1, remote]);
            Add("itp-local", 12, spec => spec with { InternalTrafficPolicy = "Local" }, [local2, remote]);
            Add("remote-etp", 13, spec => spec with { ExternalTrafficPolicy = "Local" }, [remote]);
            Add("remote-itp", 14, spec => spec with { InternalTrafficPolicy = "Local" }, [remote]);
            Add("empty", 15, spec => spec, []);
            Add("ranges", 16, spec => spec with { LoadBalancerSourceRanges = ["fd00:244:1::/64", "fd00:77::11/128", "10.0.0.0/8"] }, [local1, local2]);
            Add("sticky", 17, spec => spec with { SessionAffinity = "ClientIP" }, [local1, local2, remote]);
            Add("maglev", 18, spec => spec, [local1, local2, remote], ("portico.dev/algorithm", "maglev"), ("portico.dev/client-address", "keep"));

            void Add(string name, int number, Func<ServiceSpec, ServiceSpec> with, Endpoint[] endpoints, params (string, string)[] annotations)
            {
                var service = Make.Service(name, $"fd00:96::{number}", spec => with(spec with
                {
                    Type = "LoadBalancer",
                    Ports = [new() { Port = 80, NodePort = 30000 + number }, new() { Name = "udp", Port = 53, Protocol = "UDP", NodePort = 31000 + number }],
                }), $"fd00:77:200::{number}");
                world.Services.Set(Make.Annotated(service, annotations));
                world.Slices.Set(Make.Slice(name, NodeWorld.PodPort, endpoints) with { AddressType = "IPv6" });
            }
        });
    }
}
