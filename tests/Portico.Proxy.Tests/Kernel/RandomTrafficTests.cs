using System.Globalization;
using System.Net;
using System.Net.Sockets;
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
    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task RandomServices_SimulatorNftablesAndIptablesAgree(AddressFamily family)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        var seed = int.Parse(Environment.GetEnvironmentVariable("PORTICO_SEED") ?? "20260101", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        Func<ProxyMode, ServiceProxyOptions> options = family == AddressFamily.InterNetworkV6 ? Make.Options6 : mode => Make.Options(mode);
        await using var nftables = await NodeWorld.StartAsync(options(ProxyMode.Nftables));
        await using var iptables = await NodeWorld.StartAsync(options(ProxyMode.Iptables));
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
                var (from, source) = random.GetItems(Agreement.Sources(nftables), 1)[0];
                var key = RandomKey(random, nftables);
                foreach (var world in worlds)
                {
                    var outcome = new PacketSimulator(world.Proxy.Map, world.Options).Trace(new(IPAddress.Parse(source), key.Address, key.Protocol, key.Port));
                    var what = await Agreement.DisagreementAsync(world, from, key, outcome, 3);
                    Assert.True(what is null, $"PORTICO_SEED={seed} round {round} packet {packet}, {world.Options.Mode}: {what}");
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

            var service = RandomService(random, number, worlds[0]);
            var slice = Make.Slice($"s{number}", NodeWorld.PodPort, [.. Pods.Where(_ => random.Next(3) > 0).Select(pod => RandomEndpoint(random, pod, worlds[0]))])
                with { AddressType = worlds[0].Options.Family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4" };
            foreach (var world in worlds)
            {
                world.Services.Set(service);
                world.Slices.Set(slice);
            }
        }
    }

    private static Service RandomService(Random random, int number, NodeWorld world) => Make.Service(
        $"s{number}", world.Address($"10.96.0.{number}"),
        spec =>
        {
            int? nodePort = random.Next(2) == 0 ? null : 30000 + number;
            return spec with
            {
                Type = "LoadBalancer",
                Ports = [new() { Port = 80, NodePort = nodePort }, new() { Name = "udp", Port = 80, Protocol = "UDP", NodePort = nodePort }],
                ExternalTrafficPolicy = random.Next(2) == 0 ? "Local" : "Cluster",
                InternalTrafficPolicy = random.Next(3) == 0 ? "Local" : "Cluster",
                SessionAffinity = random.Next(3) == 0 ? "ClientIP" : "None",
                ExternalIPs = random.Next(3) == 0 ? [world.Address($"203.0.113.{5 + random.Next(2)}")] : [],
                LoadBalancerSourceRanges = random.Next(2) == 0 ? [.. random.GetItems(Ranges, random.Next(1, 3)).Distinct().Select(world.Address)] : [],
            };
        },
        random.Next(3) > 0 ? [world.Address($"203.0.113.{1 + random.Next(4)}")] : []);

    private static Endpoint RandomEndpoint(Random random, string pod, NodeWorld world)
    {
        var node = pod == "10.244.2.5" ? "node2" : "node1";
        return random.Next(5) switch
        {
            0 => Make.Endpoint(world.Address(pod), node, ready: false),
            1 => Make.Endpoint(world.Address(pod), node, ready: false, serving: true, terminating: true),
            _ => Make.Endpoint(world.Address(pod), node),
        };
    }

    // Mostly one that a Service has; sometimes a port or an address that none has.
    private static FrontendKey RandomKey(Random random, NodeWorld world)
    {
        var known = world.Proxy.Map.Frontends.Select(frontend => frontend.Key).OrderBy(key => key.ToString(), StringComparer.Ordinal).ToArray();
        return known.Length == 0 || random.Next(10) == 0
            ? new(IPAddress.Parse(world.Address($"10.96.0.{random.Next(1, 6)}")), random.Next(2) == 0 ? TransportProtocol.Tcp : TransportProtocol.Udp, (ushort)random.Next(80, 82))
            : random.GetItems(known, 1)[0];
    }
}
