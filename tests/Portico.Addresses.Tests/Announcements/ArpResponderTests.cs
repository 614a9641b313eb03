using System.Collections.Immutable;
using CsCheck;
using Portico.Addresses.Announcements;

namespace Portico.Addresses.Tests.Announcements;

public sealed class ArpResponderTests
{
    private static readonly MacAddress Own = new(0x020000000001);
    private static readonly MacAddress Client = new(0x020000000002);
    private static readonly IPv4 Vip = new(0x0A000001);
    private static readonly ImmutableHashSet<IPv4> Owned = [Vip];

    [Fact]
    public void TryAnswer_RequestForOurs_ReplyToTheSender()
    {
        var reply = Answer(new(ArpOperation.Request, Client, new(0x0A000002), MacAddress.Zero, Vip));

        Assert.Equal(new ArpPacket(ArpOperation.Reply, Own, Vip, Client, new(0x0A000002)), reply);
    }

    [Fact]
    public void TryAnswer_Probe_IsAnsweredSoThatNobodyElseTakesTheAddress() =>
        Assert.NotNull(Answer(new(ArpOperation.Request, Client, new(0), MacAddress.Zero, Vip)));

    [Fact]
    public void TryAnswer_AnythingElse_Silence()
    {
        Assert.Null(Answer(new(ArpOperation.Request, Client, new(0x0A000002), MacAddress.Zero, new(0x0A000003))));
        Assert.Null(Answer(new(ArpOperation.Reply, Client, new(0x0A000002), Own, Vip)));
        Assert.Null(Answer(ArpPacket.Announcement(ArpOperation.Request, Vip, Client)));
        Assert.Null(Answer(new(ArpOperation.Request, MacAddress.Broadcast, new(0x0A000002), MacAddress.Zero, Vip)));
        Assert.Null(Answer(new(ArpOperation.Request, Own, new(0x0A000002), MacAddress.Zero, Vip)));
    }

    [Fact]
    public void FindConflict_OnlySomebodyElsesClaimToOurs()
    {
        Assert.Equal(Client, Conflict(ArpPacket.Announcement(ArpOperation.Request, Vip, Client))?.SenderMac);
        Assert.Equal(Client, Conflict(new(ArpOperation.Reply, Client, Vip, Own, new(0x0A000002)))?.SenderMac);
        Assert.Null(Conflict(ArpPacket.Announcement(ArpOperation.Request, Vip, Own)));
        Assert.Null(Conflict(ArpPacket.Announcement(ArpOperation.Request, new(0x0A000003), Client)));
        Assert.Null(Conflict(new(ArpOperation.Request, Client, new(0), MacAddress.Zero, Vip)));
    }

    [Fact]
    public void TryAnswer_RandomBytes_NeverThrows() => Gen.Byte.Array[0, 80].Sample(static frame =>
    {
        _ = ArpResponder.TryAnswer(frame, Owned, Own, new byte[ArpPacket.FrameLength]);
    });

    private static ArpPacket? Conflict(ArpPacket packet)
    {
        var frame = new byte[ArpPacket.FrameLength];
        packet.Write(MacAddress.Broadcast, frame);
        return ArpResponder.FindConflict(frame, Owned, Own);
    }

    private static ArpPacket? Answer(ArpPacket request)
    {
        var frame = new byte[ArpPacket.FrameLength];
        request.Write(MacAddress.Broadcast, frame);
        var reply = new byte[ArpPacket.FrameLength];
        if (!ArpResponder.TryAnswer(frame, Owned, Own, reply))
        {
            return null;
        }

        Assert.True(ArpPacket.TryRead(reply, out var packet));
        Assert.Equal(Client, MacAddress.Read(reply));
        return packet;
    }
}
