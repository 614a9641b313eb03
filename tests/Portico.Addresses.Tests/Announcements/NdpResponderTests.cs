using System.Collections.Immutable;
using System.Net;
using CsCheck;
using Portico.Addresses.Announcements;

namespace Portico.Addresses.Tests.Announcements;

public sealed class NdpResponderTests
{
    private static readonly MacAddress Own = new(0x020000000001);
    private static readonly MacAddress Client = new(0x020000000002);
    private static readonly IPv6 Vip = IPv6.From(IPAddress.Parse("fd77::200"));
    private static readonly IPv6 Asker = IPv6.From(IPAddress.Parse("fe80::2"));
    private static readonly ImmutableHashSet<IPv6> Owned = [Vip];
    private static readonly NeighbourPacket Question = new(NeighbourKind.Solicitation, Client, Asker, Vip.SolicitedNode, Vip, Client, 0);

    [Fact]
    public void Answer_QuestionForOurs_AdvertisementToTheAsker()
    {
        const NeighbourFlags flags = NeighbourFlags.Solicited | NeighbourFlags.Override | NeighbourFlags.Router;

        Assert.Equal(new NeighbourPacket(NeighbourKind.Advertisement, Own, Vip, Asker, Vip, Own, flags), Answer(Question, Client));
        // Without the option the frame tells where the asker is.
        Assert.Equal(new NeighbourPacket(NeighbourKind.Advertisement, Own, Vip, Asker, Vip, Own, flags), Answer(Question with { LinkAddress = null }, Client));
    }

    [Fact]
    public void Answer_Probe_IsToldToEverybody() =>
        Assert.Equal(NeighbourPacket.Announcement(Vip, Own, isRouter: true), Answer(NeighbourPacket.Probe(Vip, Client), new(0x333300000001)));

    [Fact]
    public void Answer_AnythingElse_Silence()
    {
        var other = IPv6.From(IPAddress.Parse("fd77::201"));
        Assert.Null(Answer(Question with { Target = other, Destination = other.SolicitedNode }, Client));
        Assert.Null(Answer(Question with { LinkAddress = MacAddress.Broadcast }, Client));
        Assert.Null(Answer(Question with { SenderMac = Own }, Client));
        Assert.Null(Answer(NeighbourPacket.Announcement(Vip, Client, isRouter: false), Client));
    }

    [Fact]
    public void FindConflict_OnlySomebodyElsesClaimToOurs()
    {
        var other = IPv6.From(IPAddress.Parse("fd77::201"));
        Assert.Equal(Client, Conflict(NeighbourPacket.Announcement(Vip, Client, isRouter: false))?.LinkAddress);
        Assert.Null(Conflict(NeighbourPacket.Announcement(Vip, Own, isRouter: false)));
        Assert.Null(Conflict(NeighbourPacket.Announcement(other, Client, isRouter: false)));
        Assert.Null(Conflict(Question));
    }

    [Fact]
    public void Answer_RandomBytes_NeverThrows() => Gen.Byte.Array[0, 120].Sample(static frame =>
    {
        _ = NdpResponder.Answer(frame, Owned, Own, false, new byte[NeighbourPacket.FrameLength]);
        _ = NdpResponder.FindConflict(frame, Owned, Own);
    });

    private static NeighbourPacket? Conflict(NeighbourPacket packet) => NdpResponder.FindConflict(Frame(packet), Owned, Own);

    private static NeighbourPacket? Answer(NeighbourPacket question, MacAddress to)
    {
        var reply = new byte[NeighbourPacket.FrameLength];
        var length = NdpResponder.Answer(Frame(question), Owned, Own, isRouter: true, reply);
        if (length == 0)
        {
            return null;
        }

        Assert.True(NeighbourPacket.TryRead(reply.AsSpan(0, length), out var packet));
        Assert.Equal(to, MacAddress.Read(reply));
        return packet;
    }

    private static byte[] Frame(NeighbourPacket packet)
    {
        var frame = new byte[NeighbourPacket.FrameLength];
        return frame[..packet.Write(packet.GroupMac, frame)];
    }
}
