using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Portico.Addresses.Announcements;
using Portico.Net.Namespaces;
using Portico.Net.Processes;

namespace Portico.Addresses.Tests.Announcements;

/// <summary>Real kernels as clients: a bridge, two announcing hosts and a client, each in a namespace of its own.</summary>
[Trait("Category", "Root")]
public sealed class LinkTests : IAsyncLifetime
{
    private const string Vip = "10.77.0.200";
    private static readonly ImmutableHashSet<IPv4> Owned = [new(0x0A4D00C8)];

    private readonly string _id = $"{Environment.ProcessId}-{Environment.TickCount64 % 100000}";
    private readonly List<NetworkNamespace> _made = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private NetworkNamespace _client = null!;
    private NetworkNamespace _node1 = null!;
    private NetworkNamespace _node2 = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Privileges.IsRoot, "makes network namespaces: needs root");
        var bridge = Make("lan");
        await IpAsync(bridge, "link add lan0 type bridge");
        await IpAsync(bridge, "link set lan0 up");
        _client = await HostAsync(bridge, "client", "10.77.0.2");
        _node1 = await HostAsync(bridge, "node1", "10.77.0.11");
        _node2 = await HostAsync(bridge, "node2", "10.77.0.12");
    }

    [Fact]
    public async Task Announce_ClientResolves_AndNeverForWhatIsNotOurs()
    {
        var arp = Run(_node1);
        arp.Announce(Owned);

        await ResolvesAsync(Vip, await MacAsync(_node1));

        await SendToAsync("10.77.0.201");
        await Waiting.UntilAsync("FAILED", () => Neighbour("10.77.0.201").GetAwaiter().GetResult());
    }

    [Fact]
    public async Task Announce_OtherNodeTakesOver_TheClientsEntryMovesWithoutAQuestion()
    {
        var first = Run(_node1);
        var second = Run(_node2);
        first.Announce(Owned);
        await ResolvesAsync(Vip, await MacAsync(_node1));

        first.Announce([]);
        second.Announce(Owned);

        // Nothing is sent from the client: only the gratuitous ARP can have moved it.
        var mac = await MacAsync(_node2);
        await Waiting.UntilAsync(mac, () => Neighbour(Vip).GetAwaiter().GetResult());
    }

    [Fact]
    public async Task Announce_Withdrawn_IsNotAnsweredAnyMore()
    {
        var arp = Run(_node1);
        arp.Announce(Owned);
        await ResolvesAsync(Vip, await MacAsync(_node1));

        arp.Announce([]);
        await IpAsync(_client, "neigh flush dev eth0");
        await SendToAsync(Vip);

        await Waiting.UntilAsync("FAILED", () => Neighbour(Vip).GetAwaiter().GetResult());
    }

    [Fact]
    public async Task Announce_InterfaceComesBackWithAnotherAddress_TheClientLearnsIt()
    {
        var time = new FakeTimeProvider();
        var arp = Run(_node1, time);
        arp.Announce(Owned);
        await ResolvesAsync(Vip, await MacAsync(_node1));
        // The repeats of the first announcement are over.
        for (var i = 0; i < 10; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1100));
            await Task.Delay(20);
        }

        await IpAsync(_node1, "link set eth0 down");
        await IpAsync(_node1, "link set eth0 address 02:00:4d:00:00:99");
        await IpAsync(_node1, "link set eth0 up");

        // Nothing is sent from the client here either.
        await Waiting.UntilAsync("02:00:4d:00:00:99", () => Neighbour(Vip).GetAwaiter().GetResult());
        await IpAsync(_client, "neigh flush dev eth0");
        await ResolvesAsync(Vip, "02:00:4d:00:00:99");
    }

    [Fact]
    public async Task Announce_GarbageOnTheWire_DoesNotStopTheAnswers()
    {
        var arp = Run(_node1);
        arp.Announce(Owned);
        await ResolvesAsync(Vip, await MacAsync(_node1));
        using var hostile = PacketSocket.Open("eth0", ArpPacket.EtherType, _client);
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var frame = new byte[random.Next(14, 1400)];
            random.NextBytes(frame);
            MacAddress.Broadcast.Write(frame);
            (frame[12], frame[13]) = (0x08, 0x06);
            await hostile.SendAsync(frame, CancellationToken.None);
        }

        await IpAsync(_client, "neigh flush dev eth0");

        await ResolvesAsync(Vip, await MacAsync(_node1));
    }

    [Fact]
    public async Task Announce_IPv6_ClientResolves_AndTheOtherNodeTakesOver()
    {
        const string vip = "fd4d::200";
        foreach (var (host, address) in new[] { (_client, "fd4d::2"), (_node1, "fd4d::11"), (_node2, "fd4d::12") })
        {
            await IpAsync(host, $"address add {address}/64 dev eth0 nodad");
        }

        ImmutableHashSet<IPv6> owned = [IPv6.From(IPAddress.Parse(vip))];
        var (first, second) = (RunNdp(_node1), RunNdp(_node2));
        first.Announce(owned);
        await ResolvesAsync(vip, await MacAsync(_node1));

        first.Announce([]);
        second.Announce(owned);
        var mac = await MacAsync(_node2);
        await Waiting.UntilAsync(mac, () => Neighbour(vip).GetAwaiter().GetResult());
    }

    [Theory]
    [InlineData(Vip, "10.77.0.201")]
    [InlineData("fd4d::200", "fd4d::201")]
    public async Task Probe_TakenAndFree_AndASecondOwnerIsSeen(string taken, string free)
    {
        var (address, conflicts) = (IPAddress.Parse(taken), new ConcurrentQueue<AddressConflict>());
        void Own(NetworkNamespace node)
        {
            if (address.AddressFamily == AddressFamily.InterNetwork)
            {
                var arp = Run(node);
                arp.Conflicted += conflicts.Enqueue;
                arp.Announce(Owned);
            }
            else
            {
                var ndp = RunNdp(node);
                ndp.Conflicted += conflicts.Enqueue;
                ndp.Announce([IPv6.From(address)]);
            }
        }

        Own(_node1);
        var patient = new AddressProbe("eth0", _client, TimeProvider.System) { Count = 40, Interval = TimeSpan.FromMilliseconds(500) };
        Assert.Equal(await MacAsync(_node1), (await patient.RunAsync(address, CancellationToken.None))?.Other.ToString());
        var quick = new AddressProbe("eth0", _client, TimeProvider.System) { Interval = TimeSpan.FromMilliseconds(50) };
        Assert.Null(await quick.RunAsync(IPAddress.Parse(free), CancellationToken.None));
        Assert.Empty(conflicts);

        Own(_node2);
        var both = new[] { await MacAsync(_node1), await MacAsync(_node2) };
        await Waiting.UntilAsync("True", () => both.All(mac => conflicts.Any(conflict => conflict.Address.Equals(address) && conflict.Other.ToString() == mac)).ToString());
    }

    [Fact]
    public void Open_NoSuchInterface_SaysSo()
    {
        var failure = Assert.Throws<IOException>(() => PacketSocket.Open("eth9", ArpPacket.EtherType, _node1));
        Assert.Contains("interface eth9: No such device", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Loopback_IsRefused()
    {
        var failure = Assert.Throws<IOException>(() => PacketSocket.Open("lo", ArpPacket.EtherType, _node1));
        Assert.Contains("interface lo: is no Ethernet", failure.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).WaitAsync(TimeSpan.FromSeconds(10));
        _stop.Dispose();
        foreach (var made in _made)
        {
            made.Delete();
        }
    }

    private ArpAnnouncement Run(NetworkNamespace node, TimeProvider? time = null)
    {
        var announcement = new ArpAnnouncement("eth0", node, NullLogger.Instance, time ?? TimeProvider.System);
        _running.Add(Client.Loops.BackgroundLoop.RunAsync("test", announcement.RunAsync, NullLogger.Instance, TimeProvider.System, _stop.Token));
        return announcement;
    }

    private NdpAnnouncement RunNdp(NetworkNamespace node)
    {
        var announcement = new NdpAnnouncement("eth0", node, isRouter: false, NullLogger.Instance, TimeProvider.System);
        _running.Add(Client.Loops.BackgroundLoop.RunAsync("test", announcement.RunAsync, NullLogger.Instance, TimeProvider.System, _stop.Token));
        return announcement;
    }

    private async Task ResolvesAsync(string address, string mac)
    {
        var limit = TimeProvider.System.GetTimestamp();
        while (await Neighbour(address) != mac && TimeProvider.System.GetElapsedTime(limit) < TimeSpan.FromSeconds(15))
        {
            await SendToAsync(address);
            await Task.Delay(20);
        }

        Assert.Equal(mac, await Neighbour(address));
    }

    // Any packet makes the client's kernel ask for the address.
    private async Task SendToAsync(string address)
    {
        var to = new IPEndPoint(IPAddress.Parse(address), 9);
        using var socket = _client.Run(() => new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        try
        {
            await socket.SendToAsync(new byte[1], to);
        }
        catch (SocketException)
        {
            // The kernel already knows that nobody answers.
        }
    }

    /// <returns>The hardware address that the client's kernel has for the address; else the state of the entry.</returns>
    private async Task<string> Neighbour(string address)
    {
        var words = (await IpAsync(_client, $"neigh show {address} dev eth0")).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var at = Array.IndexOf(words, "lladdr");
        return at >= 0 ? words[at + 1] : words.Length > 0 ? words[^1] : "none";
    }

    private static async Task<string> MacAsync(NetworkNamespace node)
    {
        var words = (await IpAsync(node, "-o link show eth0")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words[Array.IndexOf(words, "link/ether") + 1];
    }

    private NetworkNamespace Make(string name)
    {
        var made = NetworkNamespace.Create($"pt-addresses-{_id}-{name}");
        _made.Add(made);
        return made;
    }

    private async Task<NetworkNamespace> HostAsync(NetworkNamespace bridge, string name, string address)
    {
        var host = Make(name);
        await IpAsync(bridge, $"link add {name} type veth peer name eth0 netns {host.Name}");
        await IpAsync(bridge, $"link set {name} master lan0 up");
        await IpAsync(host, $"address add {address}/24 dev eth0");
        await IpAsync(host, "link set eth0 up");
        return host;
    }

    private static async Task<string> IpAsync(NetworkNamespace within, string arguments) =>
        (await Command.RunAsync("ip", ["-n", within.Name, .. arguments.Split(' ')], null, CancellationToken.None)).OrThrow($"ip {arguments}").Output;
}
