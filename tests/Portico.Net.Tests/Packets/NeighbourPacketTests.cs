using System.Net;
using CsCheck;
using Portico.Net.Packets;

namespace Portico.Net.Tests.Packets;

public sealed class NeighbourPacketTests
{
    private static readonly MacAddress Mac = new(0x02004D00000C);
    private static readonly IPv6 Vip = IPv6.From(IPAddress.Parse("fd77::200"));
    private static readonly IPv6 Client = IPv6.From(IPAddress.Parse("fd77::2"));

    private static readonly Gen<UInt128> Number = Gen.Select(Gen.ULong, Gen.ULong, static (high, low) => new UInt128(high, low));

    private static readonly Gen<NeighbourPacket> Packets =
        from isQuestion in Gen.Bool
        from mac in Gen.ULong[1, 0xFFFF_FFFF_FFFF]
        from source in Number
        from target in Number
        from link in Gen.ULong[0, 0xFFFF_FFFF_FFFF]
        from hasLink in Gen.Bool
        from flags in Gen.Byte
        select new NeighbourPacket(
            isQuestion ? NeighbourKind.Solicitation : NeighbourKind.Advertisement,
            new(mac),
            new(source | 1),
            Client,
            new(target >> 8),
            hasLink ? new(link) : null,
            isQuestion ? 0 : (NeighbourFlags)(flags & 0xE0));

    [Fact]
    public void SolicitedNode_AsInRfc4291()
    {
        // The example of section 2.7.1.
        var address = IPv6.From(IPAddress.Parse("4037::01:800:200e:8c6c"));

        Assert.Equal("ff02::1:ff0e:8c6c", address.SolicitedNode.ToString());
        Assert.Equal("33:33:ff:0e:8c:6c", address.SolicitedNode.GroupMac.ToString());
        Assert.Equal("33:33:00:00:00:01", IPv6.AllNodes.GroupMac.ToString());
    }

    [Fact]
    public void Write_ThenRead_Same() => Packets.Sample(static packet =>
    {
        var frame = Frame(packet);
        Assert.True(NeighbourPacket.TryRead(frame, out var read));
        Assert.Equal(packet, read);
    });

    [Fact]
    public void TryRead_EveryPrefix_FalseUntilWhole() => Packets.Sample(
        static packet =>
        {
            var frame = Frame(packet);
            for (var length = 0; length < frame.Length; length++)
            {
                Assert.False(NeighbourPacket.TryRead(frame.AsSpan(0, length), out _));
            }

            Assert.True(NeighbourPacket.TryRead([.. frame, .. new byte[10]], out _));
        },
        iter: 100);

    [Fact]
    public void TryRead_OneByteOfTheMessageChanged_False() => Gen.Select(Packets, Gen.Int[0, 1000], Gen.Int[1, 255]).Sample(static change =>
    {
        var frame = Frame(change.Item1);
        frame[54 + (change.Item2 % (frame.Length - 54))] ^= (byte)change.Item3;
        Assert.False(NeighbourPacket.TryRead(frame, out _));
    });

    [Fact]
    public void TryRead_RandomBytes_NeverThrows() =>
        Gen.Select(Gen.Byte.Array[0, 120], Gen.Bool).Sample(static sample =>
        {
            var frame = sample.Item1;
            if (sample.Item2 && frame.Length > 60)
            {
                (frame[12], frame[13], frame[14], frame[20], frame[21]) = (0x86, 0xDD, 0x60, 58, 255);
            }

            _ = NeighbourPacket.TryRead(frame, out _);
        });

    [Fact]
    public void TryRead_HopLimitProtocolTargetOrFlagsWrong_False()
    {
        Assert.True(NeighbourPacket.TryRead(Frame(NeighbourPacket.Announcement(Vip, Mac, isRouter: true)), out _));
        Assert.True(NeighbourPacket.TryRead(Frame(NeighbourPacket.Probe(Vip, Mac)), out _));
        var routed = Frame(NeighbourPacket.Probe(Vip, Mac));
        routed[21] = 254;
        Assert.False(NeighbourPacket.TryRead(routed, out _));
        Assert.False(NeighbourPacket.TryRead(Frame(NeighbourPacket.Probe(Vip, Mac) with { Target = IPv6.AllNodes, Destination = IPv6.AllNodes.SolicitedNode }), out _));
        Assert.False(NeighbourPacket.TryRead(Frame(NeighbourPacket.Probe(Vip, Mac) with { LinkAddress = Mac }), out _));
        Assert.False(NeighbourPacket.TryRead(Frame(NeighbourPacket.Probe(Vip, Mac) with { Destination = Vip }), out _));
        Assert.False(NeighbourPacket.TryRead(Frame(NeighbourPacket.Announcement(Vip, Mac, false) with { Flags = NeighbourFlags.Solicited }), out _));
    }

    private static byte[] Frame(NeighbourPacket packet)
    {
        var frame = new byte[NeighbourPacket.FrameLength];
        return frame[..packet.Write(packet.GroupMac, frame)];
    }
}
