using CsCheck;
using Portico.Net.Packets;

namespace Portico.Net.Tests.Packets;

public sealed class ArpPacketTests
{
    // A request of 192.168.77.2 for 192.168.77.200, written down from RFC 826, padded to Ethernet's least frame.
    private static readonly byte[] Captured =
    [
        .. Convert.FromHexString("ffffffffffff" + "02004d000002" + "0806"),
        .. Convert.FromHexString("0001" + "0800" + "06" + "04" + "0001" + "02004d000002" + "c0a84d02" + "000000000000" + "c0a84dc8"),
        .. new byte[18],
    ];

    private static readonly Gen<ArpPacket> Packets =
        from reply in Gen.Bool
        from senderMac in Gen.ULong[0, 0xFFFF_FFFF_FFFF]
        from sender in Gen.UInt
        from targetMac in Gen.ULong[0, 0xFFFF_FFFF_FFFF]
        from target in Gen.UInt
        select new ArpPacket(reply ? ArpOperation.Reply : ArpOperation.Request, new(senderMac), new(sender), new(targetMac), new(target));

    [Fact]
    public void TryRead_Captured_AllFields()
    {
        Assert.True(ArpPacket.TryRead(Captured, out var packet));

        Assert.Equal(ArpOperation.Request, packet.Operation);
        Assert.Equal("02:00:4d:00:00:02", packet.SenderMac.ToString());
        Assert.Equal("192.168.77.2", packet.Sender.ToString());
        Assert.Equal(MacAddress.Zero, packet.TargetMac);
        Assert.Equal("192.168.77.200", packet.Target.ToString());
    }

    [Fact]
    public void TryRead_EveryPrefix_FalseUntilWhole()
    {
        for (var length = 0; length <= Captured.Length; length++)
        {
            Assert.Equal(length >= ArpPacket.FrameLength, ArpPacket.TryRead(Captured.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [InlineData(12)] // EtherType
    [InlineData(15)] // hardware type
    [InlineData(16)] // protocol
    [InlineData(18)] // length of a hardware address
    [InlineData(19)] // length of a protocol address
    [InlineData(21)] // operation
    public void TryRead_OtherProtocol_False(int octet)
    {
        var frame = (byte[])Captured.Clone();
        frame[octet] ^= 0x44;

        Assert.False(ArpPacket.TryRead(frame, out _));
    }

    [Fact]
    public void TryRead_RandomBytes_NeverThrows() =>
        Gen.Byte.Array[0, 80].Sample(static frame => { _ = ArpPacket.TryRead(frame, out _); });

    [Fact]
    public void TryRead_MutatedFrame_NeverThrowsAndReadsWhatItSays() =>
        Gen.Select(Gen.Int[0, Captured.Length - 1], Gen.Byte).Sample(static change =>
        {
            var frame = (byte[])Captured.Clone();
            frame[change.Item1] = change.Item2;
            if (ArpPacket.TryRead(frame, out var packet))
            {
                var written = new byte[ArpPacket.FrameLength];
                packet.Write(MacAddress.Read(frame), written);
                // The Ethernet source is not a part of the packet.
                Assert.Equal(frame[12..ArpPacket.FrameLength], written[12..]);
            }
        });

    [Fact]
    public void Write_ThenRead_Same() => Packets.Sample(static packet =>
    {
        var frame = new byte[ArpPacket.FrameLength];
        packet.Write(MacAddress.Broadcast, frame);
        Assert.True(ArpPacket.TryRead(frame, out var read));
        Assert.Equal(packet, read);
        Assert.Equal(MacAddress.Broadcast, MacAddress.Read(frame));
        Assert.Equal(packet.SenderMac, MacAddress.Read(frame.AsSpan(6)));
    });

    [Theory]
    [InlineData(ArpOperation.Request)]
    [InlineData(ArpOperation.Reply)]
    public void Announcement_SenderIsTarget(ArpOperation operation)
    {
        var packet = ArpPacket.Announcement(operation, new(0xC0A84DC8), new(0x02004D000002));

        Assert.Equal(packet.Sender, packet.Target);
        Assert.Equal(operation == ArpOperation.Reply ? packet.SenderMac : MacAddress.Zero, packet.TargetMac);
    }
}
