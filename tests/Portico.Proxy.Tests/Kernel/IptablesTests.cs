using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Kinds;
using Portico.Net.Iptables;
using Portico.Net.Namespaces;
using Portico.Net.Netlink;
using Portico.Net.Processes;
using Portico.Net.Sockets;
using Portico.Proxy.Iptables;
using Portico.Proxy.Nodes;
using Portico.Proxy.Services;
using Portico.Proxy.Tests.Conntrack;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>What only the real tools show: that they print rules as we write them, and who tells when somebody removes some.</summary>
[Trait("Category", "Root")]
public sealed class IptablesTests
{
    private const string Vip = "10.96.0.20";

    [Theory]
    [InlineData("iptables", false)]
    [InlineData("ip6tables", true)]
    [InlineData("iptables-legacy", false)]
    [InlineData("ip6tables-legacy", true)]
    public async Task Resync_AllShapesOfService_ReadBackAsWritten(string program, bool ipv6)
    {
        RequireRoot();
        var inside = NetworkNamespace.Create($"pt-proxy-{Guid.NewGuid().ToString("N")[..8]}-bare");
        try
        {
            await RequireAsync(program, inside);
            var options = Make.Options(ProxyMode.Iptables, inside) with
            {
                Family = ipv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, Pods = LocalDetector.ByNetwork(ipv6 ? "fd00:244::/48" : "10.244.0.0/16"), NodeAddresses = [Address(ipv6, 0, 11)],
            };
            using var tools = new IptablesTools(ipv6 ? NetlinkConstants.FamilyIPv6 : NetlinkConstants.FamilyIPv4, inside, TimeProvider.System, program);
            Assert.Null(await ModeCheck.ProblemAsync(options, default));
            Assert.DoesNotContain("KUBE-", await tools.SaveAsync(default), StringComparison.Ordinal);
            var (map, _) = ServiceMap.Empty.With([.. Enumerable.Range(0, 6 * 3).Select(number => RandomPlan(ipv6, number))]);
            await NewBackend(tools, options).ResyncAsync(map, default);

            var again = NewBackend(tools, options);
            await again.ResyncAsync(map, default);

            Assert.Equal((0, 0, 0), again.LastChange);
            await again.ResyncAsync(ServiceMap.Empty, default);
            Assert.DoesNotContain("KUBE-SEP-", await tools.SaveAsync(default), StringComparison.Ordinal);
        }
        finally
        {
            inside.Delete();
        }
    }

    [Theory]
    [InlineData("iptables -t nat -F")]
    [InlineData("iptables -t nat -F KUBE-SERVICES")]
    [InlineData("iptables -t filter -F")]
    [InlineData("nft flush ruleset")]
    public async Task SomebodyElseRemovesRules_Repaired(string command)
    {
        RequireRoot();
        await using var world = await StartAsync();
        await RequireNotificationsAsync(world);
        var before = await SaveAsync(world);

        await world.RunAsync(command.Split(' '));

        await WaitForAsync(world, before);
        Assert.StartsWith("pod1 ", await NodeWorld.AskTcpAsync(world.Client, Vip, 80), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nat")]
    [InlineData("mangle")]
    public async Task Legacy_SomebodyElseRemovesRulesAndChains_CanaryTells(string table)
    {
        RequireRoot();
        const string legacy = "iptables-legacy";
        var inside = NetworkNamespace.Create($"pt-proxy-{Guid.NewGuid().ToString("N")[..8]}-bare");
        try
        {
            await RequireAsync(legacy, inside);
            using var tools = new IptablesTools(NetlinkConstants.FamilyIPv4, inside, TimeProvider.System, legacy);
            var backend = NewBackend(tools, Make.Options(ProxyMode.Iptables, inside));
            await backend.ResyncAsync(ServiceMap.Empty, default);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var changed = backend.WaitForForeignChangeAsync(limit.Token);
            Assert.False(changed.IsCompleted);

            foreach (var all in new[] { "-F", "-X" })
            {
                (await Command.RunInAsync(inside, legacy, ["-t", table, all], null, default)).OrThrow(legacy);
            }

            await changed;
            await backend.ResyncAsync(ServiceMap.Empty, default);
            Assert.NotEqual((0, 0, 0), backend.LastChange);
        }
        finally
        {
            inside.Delete();
        }
    }

    [Fact]
    public async Task OwnChanges_AreNotTakenForThoseOfOthers()
    {
        RequireRoot();
        await using var world = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            world.Slices.Set(Make.Slice("web", NodeWorld.PodPort, i % 2 == 0 ? [] : [Make.Endpoint("10.244.1.6")]));
            await world.AppliedAsync();
            await Task.Delay(250); // longer than notifications wait to be looked at
        }

        Assert.DoesNotContain("somebody else", world.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_LeftoversOfTheLastRun_OnlyDifferencesAreWritten()
    {
        RequireRoot();
        await using var world = await StartAsync();
        using var connection = await EchoConnection.OpenAsync(world, Vip, 80);
        var before = await SaveAsync(world);
        await world.StopProxyAsync();
        await world.RunAsync("iptables", "-t", "nat", "-N", "KUBE-SEP-LEFTOVER");

        world.RestartProxy();
        await world.AppliedAsync();

        Assert.Equal(before, await SaveAsync(world));
        await connection.EchoAsync("after the restart");
        Assert.Contains("(0 chains written, 1 deleted, 0 single rules changed)", world.Log.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProxyMode.Nftables, ProxyMode.Iptables)]
    [InlineData(ProxyMode.Iptables, ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables, ProxyMode.Userspace)]
    public async Task OtherMode_StartsInItsPlace_RulesOfTheFirstGoAndConnectionsStay(ProxyMode first, ProxyMode second)
    {
        RequireRoot();
        await using var world = await StartAsync(first);
        using var connection = await EchoConnection.OpenAsync(world, Vip, 80);
        await world.RunAsync("iptables", "-N", "KUBE-FIREWALL");
        Assert.Equal((first == ProxyMode.Iptables, first != ProxyMode.Iptables), await RulesAsync(world));
        await world.StopProxyAsync();

        world.RestartProxy(second);
        await world.AppliedAsync();

        Assert.Equal((second == ProxyMode.Iptables, second != ProxyMode.Iptables), await RulesAsync(world));
        Assert.StartsWith("pod1 ", await NodeWorld.AskTcpAsync(world.Client, Vip, 80), StringComparison.Ordinal);
        await connection.EchoAsync("after the other mode began");
        Assert.Contains("KUBE-FIREWALL", await SaveAsync(world), StringComparison.Ordinal);

        await world.StopProxyAsync();
        await ServiceProxy.CleanupAsync(world.Options, default);
        Assert.Equal((false, false), await RulesAsync(world));
    }

    [Fact]
    public async Task HealthCheckNodePort_HostRefusesWhatItDoesNotKnow_IsAnswered()
    {
        RequireRoot();
        await using var world = await NodeWorld.StartAsync(ProxyMode.Iptables, world =>
        {
            world.Services.Set(Make.Service("web", Vip, spec => spec with { Type = "LoadBalancer", ExternalTrafficPolicy = "Local", HealthCheckNodePort = 31000 }));
            world.Slices.Set(Make.Slice("web", NodeWorld.PodPort, Make.Endpoint("10.244.1.5")));
        });
        await world.RunAsync("iptables", "-A", "INPUT", "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset");

        Assert.Equal("refused", await NodeWorld.AskTcpAsync(world.Client, NodeWorld.NodeAddress, 10256));
        using var socket = new SocketFactory(world.Client).Tcp(AddressFamily.InterNetwork);
        await socket.ConnectAsync(IPEndPoint.Parse($"{NodeWorld.NodeAddress}:31000"), new CancellationTokenSource(5000).Token);

        world.Services.Remove(new("shop", "web"));
        await world.AppliedAsync();
        Assert.DoesNotContain("31000", await SaveAsync(world), StringComparison.Ordinal);
    }

    private static void RequireRoot() => Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");

    private static async Task RequireAsync(string program, NetworkNamespace inside)
    {
        try
        {
            var listed = await Command.RunInAsync(inside, program, ["-t", "nat", "-S"], null, default);
            Assert.SkipUnless(listed.ExitCode == 0, $"{program}: {listed.Error}");
        }
        catch (FileNotFoundException missing)
        {
            Assert.Skip(missing.Message);
        }
    }

    private static Task<NodeWorld> StartAsync(ProxyMode mode = ProxyMode.Iptables) => NodeWorld.StartAsync(mode, world =>
    {
        world.Services.Set(Make.Service("web", Vip));
        world.Slices.Set(Make.Slice("web", NodeWorld.PodPort, Make.Endpoint("10.244.1.5")));
    });

    private static async Task RequireNotificationsAsync(NodeWorld world) => Assert.SkipUnless(
        (await world.RunAsync("iptables", "--version")).Contains("nf_tables", StringComparison.Ordinal), "legacy iptables tells nobody of changes");

    private static async Task<(bool Iptables, bool Nftables)> RulesAsync(NodeWorld world) => (
        (await SaveAsync(world)).Contains("KUBE-SERVICES", StringComparison.Ordinal),
        (await world.NftAsync("list", "tables")).Contains("portico-proxy", StringComparison.Ordinal));

    private static async Task<string> SaveAsync(NodeWorld world) => string.Join('\n', (await world.RunAsync("iptables-save"))
        .Split('\n').Where(line => line.Length > 0 && line[0] is '*' or ':' or '-').Order(StringComparer.Ordinal));

    private static async Task WaitForAsync(NodeWorld world, string wanted)
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(20);
        string now;
        while ((now = await SaveAsync(world)) != wanted)
        {
            Assert.True(DateTime.UtcNow < deadline, $"not repaired after 20 s:\n{now}\nwanted:\n{wanted}");
            await Task.Delay(50);
        }
    }

    private static IptablesBackend NewBackend(IIptables tools, ServiceProxyOptions options) =>
        new(tools, options, new(new NoFlows(), new(TimeProvider.System, ProxyMode.Iptables, "IPv4"), TimeProvider.System), NullLogger.Instance);

    // Every kind, policy and protocol, with and without endpoints, affinity and source ranges; a name as long as names may be.
    private static ServicePlan RandomPlan(bool ipv6, int number)
    {
        EndpointAddress[] endpoints = [.. Enumerable.Range(1, number % 4).Select(end => new EndpointAddress(Address(ipv6, 1, end), 8080, end == 1))];
        var service = new ObjectKey(new string('n', 63), $"{new string('s', 60)}{number}");
        TransportProtocol[] protocols = [TransportProtocol.Tcp, TransportProtocol.Udp, TransportProtocol.Sctp];
        return new()
        {
            Service = service,
            Frontends =
            [
                .. Enum.GetValues<FrontendKind>().Select(kind => new Frontend
                {
                    Key = new(kind == FrontendKind.NodePort ? Address(ipv6, 0, 11) : Address(ipv6, 2 + (int)kind, number + 1), protocols[number % 3], (ushort)(1000 + number)),
                    Kind = kind,
                    Service = service,
                    PortName = number % 2 == 0 ? "" : new string('p', 15),
                    LocalPolicy = number >= 9,
                    Masquerade = kind == FrontendKind.ClusterIP ? Masquerade.NotPods : number >= 9 ? Masquerade.Node : Masquerade.Everybody,
                    Cluster = endpoints,
                    Local = number >= 9 ? endpoints.Where(endpoint => endpoint.IsLocal).ToArray() : [],
                    HealthCheckPort = kind == FrontendKind.ClusterIP && number >= 9 ? 31000 + number : null,
                    Algorithm = number % 2 == 0 ? Algorithm.Random : Algorithm.RoundRobin,
                    Affinity = number % 3 == 0 ? TimeSpan.FromSeconds(10800) : null,
                    AllowedSources = kind == FrontendKind.LoadBalancer && number % 2 == 0 ? new ValueList<IPNetwork>([new(Address(ipv6, 9, 0), ipv6 ? 64 : 25)]) : default(ValueList<IPNetwork>?),
                }),
            ],
        };
    }

    private static IPAddress Address(bool ipv6, int network, int host) => IPAddress.Parse(ipv6 ? $"fd00:{network + 1}::{(host == 0 ? "" : host)}" : $"10.{network + 1}.0.{host}");
}
