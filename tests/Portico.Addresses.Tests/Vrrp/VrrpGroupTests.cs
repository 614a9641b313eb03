using System.Net;
using Microsoft.Extensions.Time.Testing;
using Portico.Addresses.Vrrp;
using Portico.Net.Links;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Tests.Vrrp;

public sealed class VrrpGroupTests : IDisposable
{
    private static readonly IPAddress Own = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress Peer = IPAddress.Parse("10.0.0.2");
    private static readonly VrrpTrack Check = new CheckTrack("true", []);
    private static readonly LinkState Link = new(2, "eth0", new(0x020000000001), IsRunning: true, [Own]);

    private static readonly VrrpGroupOptions Plain = new()
    {
        Name = "vips",
        Interface = "eth0",
        VirtualRouterId = 7,
        Addresses = [IPAddress.Parse("10.0.0.200")],
    };

    private readonly FakeTimeProvider _time = new();
    private readonly FakeVrrpOutput _output = new();
    private VrrpGroup? _group;

    [Fact]
    public void Group_WithoutWhatItNeeds_SaysWhatIsMissing()
    {
        var group = Make(Plain with { Tracks = [Check] });
        group.Start();
        Assert.Equal("interface eth0 does not exist; check true was not looked at yet; its socket is not open yet", string.Join("; ", group.Status.Faults));

        group.SetLink(Link with { Addresses = [] });
        group.SetSocket(null);
        group.SetTrack(Check, succeeds: false);
        Assert.Equal("interface eth0 has no IPv4 address to send from; check true fails", string.Join("; ", group.Status.Faults));

        group.SetLink(Link);
        group.SetTrack(Check, succeeds: true);
        Assert.Empty(group.Status.Faults);
        Assert.Equal(VrrpState.Backup, group.State);
    }

    [Fact]
    public void Group_NobodyElse_StandsAndAdvertisesUntilItIsStopped()
    {
        var group = Started(Plain with { ExcludedAddresses = [IPAddress.Parse("10.0.0.201")] });

        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(("10.0.0.200 10.0.0.201", VrrpState.Active), (_output.Standing, group.State));
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, _output.Sent.Count);
        Assert.All(_output.Sent, static packet => Assert.Equal((Own, VrrpPacket.GroupIPv4, 100, "10.0.0.200"), (packet.Source, packet.Destination, packet.Advertisement.Priority, string.Join(' ', packet.Advertisement.Addresses))));

        group.Stop();
        Assert.Equal(("", 0), (_output.Standing, _output.Sent[^1].Advertisement.Priority));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(4, _output.Sent.Count);
    }

    [Fact]
    public void Weights_ChangeThePriority_ZeroTakesOut()
    {
        VrrpTrack bonus = new InterfaceTrack("eth1") { Weight = 20 };
        VrrpTrack malus = new ProcessTrack("named") { Weight = -30 };
        var group = Started(Plain with { Tracks = [bonus, malus, Check] });
        group.SetTrack(Check, succeeds: true);
        Assert.Equal((100, VrrpState.Backup), (group.Status.Priority, group.State));

        group.SetTrack(bonus, succeeds: true);
        Assert.Equal(120, group.Status.Priority);
        group.SetTrack(malus, succeeds: false);
        Assert.Equal(90, group.Status.Priority);

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(VrrpState.Active, group.State);
        group.SetTrack(Check, succeeds: false);
        Assert.Equal((VrrpState.Initialize, ""), (group.State, _output.Standing));
        Assert.Equal(0, _output.Sent[^1].Advertisement.Priority);
    }

    [Fact]
    public void Update_Addresses_StateStays()
    {
        var group = Started(Plain);
        _time.Advance(TimeSpan.FromSeconds(4));

        group.Update(Plain with { Addresses = [IPAddress.Parse("10.0.0.210")] });

        Assert.Equal((VrrpState.Active, "10.0.0.210", 1), (group.State, _output.Standing, group.Status.Transitions));
    }

    [Fact]
    public void Receive_Stronger_ItIsTheActiveRouterAndItsChecksumIsOurs()
    {
        var group = Started(Plain);
        _time.Advance(TimeSpan.FromSeconds(4));

        Hear(group, new(VrrpVersion.V3, 7, 200, 100, Plain.Addresses) { Checksum = VrrpChecksum.MessageOnly });
        Assert.Equal((VrrpState.Backup, Peer, ""), (group.State, group.Status.ActiveRouter, _output.Standing));

        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal((VrrpState.Active, VrrpChecksum.MessageOnly), (group.State, _output.Sent[^1].Advertisement.Checksum));
    }

    [Fact]
    public void Receive_WrongPackets_NamedOncePerKindAndNotHeard()
    {
        var group = Started(Plain with { Version = VrrpVersion.V2, Authentication = VrrpAuthenticationType.SimplePassword, Password = "secret" });
        var good = new VrrpAdvertisement(VrrpVersion.V2, 7, 200, 100, Plain.Addresses)
        {
            Authentication = VrrpAuthenticationType.SimplePassword,
            Password = VrrpAdvertisement.PasswordOf("secret"u8),
        };
        var before = _output.Changes;
        for (var i = 0; i < 3; i++)
        {
            Hear(group, good, source: Own);
            Hear(group, good, hops: 254);
            Hear(group, good with { Version = VrrpVersion.V3 });
            Hear(group, good with { Password = 1 });
            Hear(group, good with { Interval = 200 });
            Hear(group, good with { Addresses = [IPAddress.Parse("10.9.9.9")] });
            Hear(group, good, destination: Own);
        }

        Assert.Equal(
            [
                VrrpProblemKind.HopLimit, VrrpProblemKind.Version, VrrpProblemKind.Authentication, VrrpProblemKind.Interval, VrrpProblemKind.VirtualRouterId, VrrpProblemKind.Source,
                VrrpProblemKind.Peer,
            ],
            group.Status.Problems.Select(static problem => problem.Kind));
        Assert.All(group.Status.Problems, static problem => Assert.Equal(3, problem.Count));
        Assert.Equal(before + 7, _output.Changes);
        Assert.Null(group.Status.ActiveRouter);

        Hear(group, good);
        Assert.Equal(Peer, group.Status.ActiveRouter);
    }

    [Fact]
    public void Receive_OtherAddressesOrInterval_NamedButHeard()
    {
        var group = Started(Plain);

        Hear(group, new(VrrpVersion.V3, 7, 200, 50, [.. Plain.Addresses, IPAddress.Parse("10.0.0.201")]));
        Hear(group, new(VrrpVersion.V3, 7, 200, 50, Plain.Addresses));

        Assert.Equal([VrrpProblemKind.Interval, VrrpProblemKind.Addresses], group.Status.Problems.Select(static problem => problem.Kind));
        Assert.Equal(Peer, group.Status.ActiveRouter);
    }

    [Fact]
    public void Receive_AuthenticationHeader_ReplayIsNotHeard()
    {
        var group = Started(Plain with { Version = VrrpVersion.V2, Authentication = VrrpAuthenticationType.AuthenticationHeader, Password = "secret" });
        var advertisement = new VrrpAdvertisement(VrrpVersion.V2, 7, 200, 100, Plain.Addresses) { Authentication = VrrpAuthenticationType.AuthenticationHeader };
        var packet = new VrrpPacket(Peer, VrrpPacket.GroupIPv4, 255, advertisement) { AuthenticationHeader = new(0x0A000002, 5, 0) };
        var ip = new byte[packet.Length];
        packet.Write(1, ip);
        VrrpAuthenticationHeader.Sign(ip, VrrpAdvertisement.PasswordOf("secret"u8));
        Assert.True(VrrpPacket.TryRead(ip, out var read, out _));

        group.Receive(read!, ip);
        Assert.Equal(Peer, group.Status.ActiveRouter);
        Assert.Empty(group.Status.Problems);
        group.Receive(read!, ip);

        Assert.Contains("sequence number 5 was used already", Assert.Single(group.Status.Problems).Message, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(6u, _output.Sent[^1].AuthenticationHeader!.Sequence);
    }

    [Fact]
    public void Unicast_GoesToThePeersAndIsTakenFromThemOnly()
    {
        var group = Started(Plain with { UnicastPeers = [Peer] });
        Hear(group, new(VrrpVersion.V3, 7, 200, 100, Plain.Addresses), source: IPAddress.Parse("10.0.0.3"), destination: Own);
        Assert.Equal(VrrpProblemKind.Peer, Assert.Single(group.Status.Problems).Kind);

        // A peer may be behind a router.
        Hear(group, new(VrrpVersion.V3, 7, 200, 100, Plain.Addresses), destination: Own, hops: 60);
        Assert.Equal(Peer, group.Status.ActiveRouter);

        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(Peer, _output.Sent[^1].Destination);
    }

    [Theory]
    [InlineData(1, "virtualRouterId: 0 is outside 1-255")]
    [InlineData(2, "interval: 30 is not 1-255 whole seconds, as version 2 needs it")]
    [InlineData(3, "authentication: version 3 has none (RFC 9568, section 9)")]
    [InlineData(4, "useVirtualMac: unicast peers cannot be reached from a virtual hardware address")]
    [InlineData(5, "version: 2 has no IPv6")]
    [InlineData(6, "addresses: all addresses and peers have to be of one family")]
    public void Validate_Wrong_Named(int mistake, string expected)
    {
        var options = mistake switch
        {
            1 => Plain with { VirtualRouterId = 0 },
            2 => Plain with { Version = VrrpVersion.V2, Interval = 30 },
            3 => Plain with { Authentication = VrrpAuthenticationType.SimplePassword, Password = "secret" },
            4 => Plain with { UseVirtualMac = true, UnicastPeers = [Peer] },
            5 => Plain with { Version = VrrpVersion.V2, Addresses = [IPAddress.IPv6Loopback] },
            _ => Plain with { ExcludedAddresses = [IPAddress.IPv6Loopback] },
        };

        Assert.Equal($"vrrp group vips: {expected}", Assert.Single(options.Validate()));
    }

    [Fact]
    public void RiseAndFall_CountInARow()
    {
        var counter = new RiseFall(rise: 2, fall: 3);

        bool?[] opinions = [.. new[] { true, false, false, true, false, false, false, true, false, true, true }.Select(counter.Count)];

        Assert.Equal([true, null, null, null, null, null, false, null, null, null, true], opinions);
    }

    public void Dispose() => _group?.Dispose();

    private VrrpGroup Make(VrrpGroupOptions options) => _group = new(options, _output, new Lock(), _time, new LogLines());

    private VrrpGroup Started(VrrpGroupOptions options)
    {
        var group = Make(options);
        group.SetLink(Link);
        group.SetSocket(null);
        group.Start();
        return group;
    }

    private static void Hear(VrrpGroup group, VrrpAdvertisement advertisement, IPAddress? source = null, IPAddress? destination = null, byte hops = 255) =>
        group.Receive(new(source ?? Peer, destination ?? VrrpPacket.GroupIPv4, hops, advertisement), []);
}
