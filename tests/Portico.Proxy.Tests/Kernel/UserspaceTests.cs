using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Portico.Api.Objects;
using Portico.Net.Processes;
using Portico.Net.Sockets;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Userspace mode on the real kernel: what only it does, over both address families.</summary>
[Trait("Category", "Root")]
public sealed partial class UserspaceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static TheoryData<AddressFamily> Families => [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    [Theory]
    [MemberData(nameof(Families))]
    public async Task TcpAndUdp_OutsideAndPods_AreServedInTurn(AddressFamily family)
    {
        await using var world = await StartAsync(family);
        foreach (var inside in new[] { world.Client, world.Pods["pod3"].Namespace, world.Node })
        {
            Assert.Equal(["pod1", "pod2"], new[] { await AskTcpAsync(), await AskTcpAsync() }.Order(StringComparer.Ordinal));
            Assert.Equal(["pod1", "pod2"], new[] { await AskUdpAsync(), await AskUdpAsync() }.Order(StringComparer.Ordinal));

            async Task<string> AskTcpAsync() => (await NodeWorld.AskTcpAsync(inside, ClusterIP(family), 80)).Split(' ')[0];

            async Task<string> AskUdpAsync()
            {
                using var socket = NodeWorld.UdpSocket(inside, family);
                return (await NodeWorld.AskUdpAsync(socket, ClusterIP(family), 53)).Split(' ')[0];
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task ProxyProtocol_V1_EndpointReadsClientAndFrontendBeforeTheFirstByte(AddressFamily family)
    {
        await using var world = await StartAsync(family, ("portico.dev/proxy-protocol", "v1"));

        var (client, heard) = await WhatTheEndpointHeardAsync(world, family);

        var version = family == AddressFamily.InterNetworkV6 ? 6 : 4;
        Assert.Equal($"PROXY TCP{version} {client.Address} {ClusterIP(family)} {client.Port} 80\r\nhello", Encoding.ASCII.GetString(heard));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task ProxyProtocol_V2_EndpointReadsClientAndFrontendBeforeTheFirstByte(AddressFamily family)
    {
        await using var world = await StartAsync(family, ("portico.dev/proxy-protocol", "v2"));

        var (client, heard) = await WhatTheEndpointHeardAsync(world, family);

        // proxy-protocol.txt 2.2: signature, version 2 PROXY, family and STREAM, length, addresses, ports.
        var ipv6 = family == AddressFamily.InterNetworkV6;
        byte[] expected =
        [
            .. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, (byte)(ipv6 ? 0x21 : 0x11), 0, (byte)(ipv6 ? 36 : 12),
            .. client.Address.GetAddressBytes(), .. IPAddress.Parse(ClusterIP(family)).GetAddressBytes(),
            (byte)(client.Port >> 8), (byte)client.Port, 0, 80, .. "hello"u8,
        ];
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(heard));
    }

    [Fact]
    public async Task Restart_RulesOfTheLastProcess_LeadToTheListenersOfTheNext()
    {
        var state = Directory.CreateTempSubdirectory("pt-state-");
        await using (var world = await StartAsync(AddressFamily.InterNetwork, state.FullName))
        {
            var before = await ListenersAsync(world);
            Assert.Equal(2, before.Count);
            await world.StopProxyAsync();
            Assert.Equal("refused", await NodeWorld.AskTcpAsync(world.Client, ClusterIP(AddressFamily.InterNetwork), 80));

            world.RestartProxy();
            await world.AppliedAsync();

            Assert.Equal(before, await ListenersAsync(world));
            Assert.Contains("(0 deleted, 0 added)", world.Log.ToString(), StringComparison.Ordinal);
            Assert.StartsWith("pod", await NodeWorld.AskTcpAsync(world.Client, ClusterIP(AddressFamily.InterNetwork), 80), StringComparison.Ordinal);
        }

        state.Delete(recursive: true);
    }

    [Fact]
    public async Task Restart_PortTakenMeanwhile_AnotherIsListenedOnAndRulesFollow()
    {
        var state = Directory.CreateTempSubdirectory("pt-state-");
        await using (var world = await StartAsync(AddressFamily.InterNetwork, state.FullName))
        {
            var before = await ListenersAsync(world);
            await world.StopProxyAsync();
            var sockets = new SocketFactory(world.Node);
            var taken = before.Select(port => sockets.Listen(new(IPAddress.Parse(NodeWorld.NodeAddress), port))).ToList();

            world.RestartProxy();
            await world.AppliedAsync();

            Assert.StartsWith("pod", await NodeWorld.AskTcpAsync(world.Client, ClusterIP(AddressFamily.InterNetwork), 80), StringComparison.Ordinal);
            taken.ForEach(static socket => socket.Dispose());
        }

        state.Delete(recursive: true);
    }

    private static string ClusterIP(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? "fd00:96::20" : "10.96.0.20";

    // The pod greets, and echoes all that it hears until the client ends.
    private static async Task<(IPEndPoint Client, byte[] Heard)> WhatTheEndpointHeardAsync(NodeWorld world, AddressFamily family)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var socket = new SocketFactory(world.Client).Tcp(family);
        await socket.ConnectAsync(IPAddress.Parse(ClusterIP(family)), 80, limit.Token);
        await socket.SendAsync("hello"u8.ToArray(), limit.Token);
        socket.Shutdown(SocketShutdown.Send);
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var read)
        {
            all.Write(buffer, 0, read);
        }

        var said = all.ToArray();
        var greeting = Array.IndexOf(said, (byte)'\n') + 1;
        return ((IPEndPoint)socket.LocalEndPoint!, said[greeting..^"end\n".Length]);
    }

    private static async Task<List<int>> ListenersAsync(NodeWorld world) =>
    [
        .. Listener().Matches(await world.NftAsync("list", "map", "ip", "portico-proxy", "endpoints"))
            .Select(static match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Order(),
    ];

    private static Task<NodeWorld> StartAsync(AddressFamily family, params (string Name, string Value)[] annotations) => StartAsync(family, null, annotations);

    private static Task<NodeWorld> StartAsync(AddressFamily family, string? state, params (string Name, string Value)[] annotations)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        var ipv6 = family == AddressFamily.InterNetworkV6;
        var options = Make.Options(ProxyMode.Userspace) with
        {
            Family = family,
            NodeAddresses = [IPAddress.Parse(ipv6 ? NodeWorld.NodeAddress6 : NodeWorld.NodeAddress)],
            Pods = LocalDetector.ByNetwork(ipv6 ? "fd00:244::/32" : "10.244.0.0/16"),
            StateDirectory = state,
        };
        return NodeWorld.StartAsync(options, world =>
        {
            var service = Make.Service("web", ClusterIP(family), spec => spec with { Ports = [new() { Port = 80 }, new() { Name = "udp", Port = 53, Protocol = "UDP" }] });
            world.Services.Set(Make.Annotated(service, annotations));
            Endpoint[] endpoints = [Make.Endpoint(ipv6 ? "fd00:244:1::5" : "10.244.1.5"), Make.Endpoint(ipv6 ? "fd00:244:1::6" : "10.244.1.6")];
            world.Slices.Set(Make.Slice("web", NodeWorld.PodPort, endpoints) with { AddressType = ipv6 ? "IPv6" : "IPv4" });
        });
    }

    [GeneratedRegex(@": 192\.168\.77\.11 \. (\d+)")]
    private static partial Regex Listener();
}
