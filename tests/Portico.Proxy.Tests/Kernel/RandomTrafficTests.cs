using System.Globalization;
using System.Net;
using Portico.Api.Objects;
using Portico.Net.Processes;
using Portico.Proxy.Services;
using Portico.Proxy.Simulation;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Random Services, slices and policies: simulator, nftables and iptables must agree on random packets, after every change.</summary>
[Trait("Category", "Root")]
public sealed class RandomTrafficTests
{
    private const int Rounds = 8;
    private const int Packets = 16;
    private static readonly string[] Pods = ["10.244.1.5", "10.244.1.6", "10.244.2.5"];
    private static readonly string[] Ranges = ["192.168.77.2/32", "192.168.77.0/24", "10.244.1.0/24", "203.0.113.0/25", "192.168.77.11/32"];

    /// <summary>PORTICO_SEED repeats a failure, or tries another.</summary>
    [Fact]
    public async Task Tcp_RandomServices_SimulatorNftablesAndIptablesAgree()
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        var seed = int.Parse(Environment.GetEnvironmentVariable("PORTICO_SEED") ?? "20260101", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        await using var nftables = await NodeWorld.StartAsync(ProxyMode.Nftables);
        await using var iptables = await NodeWorld.StartAsync(ProxyMode.Iptables);
        NodeWorld[] worlds = [nftables, iptables];
        for (var round = 0; round < Rounds; round++)
        {
            Change(random, worlds);
            foreach (var world in worlds)
            {
                await world.AppliedAsync();
            }

            for (var packet = 0; packet < Packets; packet++)
            {
                var (from, source) = random.GetItems(Agreement.Sources, 1)[0];
                var key = RandomKey(random, nftables.Proxy.Map);
                foreach (var world in worlds)
                {
                    var outcome = new PacketSimulator(world.Proxy.Map, world.Options).Trace(new(IPAddress.Parse(source), key.Address, key.Protocol, key.Port));
                    var answers = await Agreement.AskAsync(world, from, key, outcome.Verdict, 3);
                    var what = Agreement.Disagreement(world, from, outcome, answers);
                    Assert.True(what is null, $"PORTICO_SEED={seed} round {round} packet {packet}, {world.Options.Mode}: {from} → {key} ({outcome.Frontend}): simulator says {outcome.Verdict} {string.Join(',', outcome.Endpoints)} masquerade={outcome.Masqueraded}, kernel: {string.Join(" | ", answers)}: {what}");
                }
            }
        }
    }

    private static void Change(Random random, NodeWorld[] worlds)
    {
        for (var number = 1; number <= 4; number++)
        {
            switch (random.Next(4))
            {
                case 0:
                    continue;
                case 1 when random.Next(2) == 0:
                    foreach (var world in worlds)
                    {
                        world.Services.Remove(new("shop", $"s{number}"));
                    }

                    continue;
            }

            var service = RandomService(random, number);
            var slice = Make.Slice($"s{number}", NodeWorld.PodPort, [.. Pods.Where(_ => random.Next(3) > 0).Select(pod => RandomEndpoint(random, pod))]);
            foreach (var world in worlds)
            {
                world.Services.Set(service);
                world.Slices.Set(slice);
            }
        }
    }

    private static Service RandomService(Random random, int number) => Make.Service(
        $"s{number}", $"10.96.0.{number}",
        spec => spec with
        {
            Type = "LoadBalancer",
            Ports = [new() { Port = 80, NodePort = random.Next(2) == 0 ? null : 30000 + number }],
            ExternalTrafficPolicy = random.Next(2) == 0 ? "Local" : "Cluster",
            InternalTrafficPolicy = random.Next(3) == 0 ? "Local" : "Cluster",
            SessionAffinity = random.Next(3) == 0 ? "ClientIP" : "None",
            ExternalIPs = random.Next(3) == 0 ? [$"192.168.77.{204 + random.Next(2)}"] : [],
            LoadBalancerSourceRanges = random.Next(2) == 0 ? [.. random.GetItems(Ranges, random.Next(1, 3)).Distinct()] : [],
        },
        random.Next(3) > 0 ? [$"192.168.77.{200 + random.Next(4)}"] : []);

    private static Endpoint RandomEndpoint(Random random, string pod)
    {
        var node = pod == "10.244.2.5" ? "node2" : "node1";
        return random.Next(5) switch
        {
            0 => Make.Endpoint(pod, node, ready: false),
            1 => Make.Endpoint(pod, node, ready: false, serving: true, terminating: true),
            _ => Make.Endpoint(pod, node),
        };
    }

    // Mostly one that a Service has; sometimes a port or an address that none has.
    private static FrontendKey RandomKey(Random random, ServiceMap map)
    {
        var known = map.Frontends.Select(frontend => frontend.Key).OrderBy(key => key.ToString(), StringComparer.Ordinal).ToArray();
        return known.Length == 0 || random.Next(10) == 0
            ? new(IPAddress.Parse($"10.96.0.{random.Next(1, 6)}"), TransportProtocol.Tcp, (ushort)random.Next(80, 82))
            : random.GetItems(known, 1)[0];
    }
}
