using System.Net;
using System.Net.Sockets;
using Portico.Addresses.Vrrp;
using Portico.Net.Namespaces;
using Portico.Net.Processes;

namespace Portico.Addresses.Tests.Vrrp;

/// <summary>Two routers of ours on the kernel: a cable between two namespaces.</summary>
[Trait("Category", "Root")]
public sealed class VrrpRouterTests : IAsyncLifetime
{
    private readonly string _id = $"{Environment.ProcessId}-{Random.Shared.Next(100_000)}";
    private readonly List<NetworkNamespace> _made = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly LogLines _log = new();
    private NetworkNamespace _one = null!;
    private NetworkNamespace _two = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Privileges.IsRoot, "makes network namespaces: needs root");
        (_one, _two) = (Make("one"), Make("two"));
        await IpAsync(_one, $"link add eth0 type veth peer name eth0 netns {_two.Name}");
        await IpAsync(_one, "address add 10.79.0.1/24 dev eth0");
        await IpAsync(_two, "address add 10.79.0.2/24 dev eth0");
        await IpAsync(_one, "link set eth0 up");
        await IpAsync(_two, "link set eth0 up");
    }

    [Fact]
    public async Task TwoRouters_OneIsActive()
    {
        var one = Start(_one, Options("a") with { Priority = 200 });
        var two = Start(_two, Options("a"));

        await UntilAsync("Active/Backup", () => States(one, two));
    }

    [Fact]
    public async Task SyncGroup_OneMemberLosesItsCable_AllMove()
    {
        await IpAsync(_one, $"link add eth1 type veth peer name eth1 netns {_two.Name}");
        await IpAsync(_one, "address add 10.80.0.1/24 dev eth1");
        await IpAsync(_two, "address add 10.80.0.2/24 dev eth1");
        await IpAsync(_one, "link set eth1 up");
        await IpAsync(_two, "link set eth1 up");
        VrrpGroupOptions[] groups = [Options("a") with { SyncGroup = "both" }, Options("b", address: "10.80.0.200") with { Interface = "eth1", SyncGroup = "both" }];
        var one = Start(_one, [.. groups.Select(static group => group with { Priority = 200 })]);
        var two = Start(_two, groups);
        await UntilAsync("Active Active/Backup Backup", () => States(one, two));

        // A third interface that is tracked would do the same; here it is the address to send from.
        await IpAsync(_one, "address delete 10.80.0.1/24 dev eth1");
        await UntilAsync("Initialize Initialize/Active Active", () => States(one, two));
        Assert.Equal("group b of its sync group is at fault", Assert.Single(one.Status[0].Faults));

        await IpAsync(_one, "address add 10.80.0.1/24 dev eth1");
        await UntilAsync("Active Active/Backup Backup", () => States(one, two));
    }

    [Fact]
    public async Task Tracks_CheckAndInterface_MoveTheGroup()
    {
        await IpAsync(_one, "link add uplink type veth peer name far");
        await IpAsync(_one, "link set far up");
        await IpAsync(_one, "link set uplink up");
        var one = Start(_one, Options("a") with
        {
            Priority = 110,
            Tracks = [new InterfaceTrack("uplink") { Weight = -20 }, new CheckTrack("ip", ["link", "show", "uplink"]) { Interval = TimeSpan.FromMilliseconds(100) }],
        });
        var two = Start(_two, Options("a"));
        await UntilAsync("Active/Backup", () => States(one, two));

        await IpAsync(_one, "link set uplink down");
        await UntilAsync("Backup/Active", () => States(one, two));
        Assert.Equal(90, one.Status[0].Priority);

        await IpAsync(_one, "link delete uplink");
        await UntilAsync("Initialize/Active", () => States(one, two));
        Assert.Equal("check ip link show uplink fails", Assert.Single(one.Status[0].Faults));
    }

    [Fact]
    public async Task VirtualMacAndAcceptMode_TheAddressAnswersFromIt_AndMovesWithIt()
    {
        var options = Options("a") with { UseVirtualMac = true, AcceptMode = true };
        using var stop = new CancellationTokenSource();
        var one = new VrrpRouter(_one, _log, TimeProvider.System);
        Assert.Empty(one.Apply([options]));
        var running = one.RunAsync(stop.Token);
        await UntilAsync("Active", () => one.Status[0].State.ToString());
        Assert.Empty(one.Status[0].Problems);

        using var server = _one.Run(static () => new UdpClient(new IPEndPoint(IPAddress.Any, 7000)));
        using var client = _two.Run(static () => new UdpClient(new IPEndPoint(IPAddress.Any, 0)));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await client.SendAsync(new byte[] { 1 }, new IPEndPoint(options.Addresses[0], 7000), limit.Token);
        var heard = await server.ReceiveAsync(limit.Token);
        Assert.Equal([1], heard.Buffer);
        Assert.Contains("00:00:5e:00:01:07", await IpAsync(_two, "neigh show 10.79.0.200 dev eth0"), StringComparison.Ordinal);
        Assert.Contains("10.79.0.200/32", await IpAsync(_one, "address show"), StringComparison.Ordinal);

        await stop.CancelAsync();
        await running;
        Assert.DoesNotContain("10.79.0.200", await IpAsync(_one, "address show"), StringComparison.Ordinal);
        Assert.DoesNotContain("macvlan", await IpAsync(_one, "-d link show"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostilePackets_AreNamedAndHarmNothing()
    {
        var one = Start(_one, Options("a"));
        await UntilAsync("Active", () => one.Status[0].State.ToString());
        using var hostile = PacketSocket.Open("eth0", 0x0800, _two);
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var frame = new byte[random.Next(34, 200)];
            random.NextBytes(frame);
            MacAddress.Broadcast.Write(frame);
            (frame[12], frame[13], frame[14], frame[20], frame[21], frame[23]) = (8, 0, 0x45, 0, 0, 112);
            await hostile.SendAsync(frame, CancellationToken.None);
        }

        await UntilAsync("Malformed", () => string.Join(' ', one.Status[0].Problems.Select(static problem => problem.Kind)));
        Assert.Equal(VrrpState.Active, one.Status[0].State);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).WaitAsync(TimeSpan.FromSeconds(20));
        _stop.Dispose();
        foreach (var made in _made)
        {
            made.Delete();
        }
    }

    private static VrrpGroupOptions Options(string name, byte id = 7, string address = "10.79.0.200") =>
        new() { Name = name, Interface = "eth0", VirtualRouterId = id, Addresses = [IPAddress.Parse(address)], Interval = 20 };

    private static string States(params VrrpRouter[] routers) =>
        string.Join('/', routers.Select(static router => string.Join(' ', router.Status.Select(static group => group.State))));

    private VrrpRouter Start(NetworkNamespace within, params VrrpGroupOptions[] groups)
    {
        var router = new VrrpRouter(within, _log, TimeProvider.System);
        Assert.Empty(router.Apply(groups));
        _running.Add(router.RunAsync(_stop.Token));
        return router;
    }

    private async Task UntilAsync(string expected, Func<string> state)
    {
        try
        {
            await Waiting.UntilAsync(expected, state);
        }
        catch (Xunit.Sdk.EqualException failure)
        {
            Assert.Fail($"{failure.Message}\n{_log.Text}");
        }
    }

    private NetworkNamespace Make(string name)
    {
        var made = NetworkNamespace.Create($"pt-vrrp-{_id}-{name}");
        _made.Add(made);
        return made;
    }

    private static async Task<string> IpAsync(NetworkNamespace within, string arguments) =>
        (await Command.RunAsync("ip", ["-n", within.Name, .. arguments.Split(' ')], null, CancellationToken.None)).OrThrow($"ip {arguments}").Output;
}
