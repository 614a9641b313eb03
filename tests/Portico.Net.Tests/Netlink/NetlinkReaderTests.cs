using System.Net.Sockets;
using CsCheck;
using Portico.Net.Conntrack;
using Portico.Net.Netlink;
using Portico.Net.Nftables;

namespace Portico.Net.Tests.Netlink;

public sealed class NetlinkReaderTests
{
    [Fact]
    public void TryReadMessage_WrittenByWriter_SameParts()
    {
        var writer = new NetlinkWriter();
        writer.BeginNetfilter(0x1234, 5, 77, 2, 10);
        writer.Attribute(1, "table");
        var nested = writer.BeginNested(2);
        writer.Attribute(3, 0xfffffffc);
        writer.EndNested(nested);
        writer.End();
        writer.BeginNetfilter(9, 0, 78, 0);
        writer.End();

        var data = writer.Written;
        Assert.True(NetlinkReader.TryReadMessage(ref data, out var header, out var payload));
        Assert.Equal(new NetlinkHeader(0x1234, 5, 77, 0), header);
        Assert.Equal(new byte[] { 2, 0, 0, 10 }, payload[..4].ToArray());
        var attributes = payload[4..];
        Assert.True(NetlinkReader.TryFind(attributes, 1, out var name));
        Assert.Equal("table\0"u8.ToArray(), name.ToArray());
        Assert.True(NetlinkReader.TryFind(attributes, 2, out var inner));
        Assert.True(NetlinkReader.TryFind(inner, 3, out var value));
        Assert.True(NetlinkReader.TryReadUInt32(value, out var number));
        Assert.Equal(0xfffffffc, number);
        Assert.False(NetlinkReader.TryFind(attributes, 4, out _));
        Assert.True(NetlinkReader.TryReadMessage(ref data, out header, out _));
        Assert.Equal(78u, header.Sequence);
        Assert.True(data.IsEmpty);
    }

    [Fact]
    public void TryReadMessage_EveryPrefix_WholeMessagesOnly()
    {
        var writer = new NetlinkWriter();
        writer.BeginNetfilter(1, 2, 3, 4);
        writer.Attribute(1, "x");
        writer.End();
        for (var length = 0; length < writer.Length; length++)
        {
            var prefix = writer.Written[..length];
            Assert.False(NetlinkReader.TryReadMessage(ref prefix, out _, out _));
        }
    }

    [Fact]
    public void Readers_AnyBytes_NeverThrowAndAlwaysEnd() => Gen.Byte.Array[0, 300].Sample(bytes => ReadAll(bytes));

    [Fact]
    public void Readers_DamagedMessages_NeverThrowAndAlwaysEnd()
    {
        var writer = new NetlinkWriter();
        NftMessages.WriteElements(
            writer, NftMessages.NewSetElements, 1, 1, 2, "portico-proxy",
            [SetElement.Verdict("service-ips", new(new byte[12]), "pick-2"), SetElement.Verdict("service-ips", new(new byte[12]), "pick-3")], 0);
        ConntrackMessages.WriteDelete(writer, 2, 2, new(ProtocolType.Udp, new(1, 2), new(3, 4), new(5, 6)));
        var whole = writer.Written.ToArray();
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length - 1], Gen.Byte).Sample((first, one, second, other) =>
        {
            var damaged = (byte[])whole.Clone();
            (damaged[first], damaged[second]) = (one, other);
            ReadAll(damaged);
        });
    }

    private static void ReadAll(ReadOnlySpan<byte> data)
    {
        while (NetlinkReader.TryReadMessage(ref data, out var header, out var payload))
        {
            NetlinkReader.TryReadError(payload, out _);
            NftMessages.IsAbout(header, payload, 2, "portico-proxy"u8);
            NftMessages.TryReadElements(payload, "service-ips", []);
            ConntrackMessages.TryReadFlow(payload, NetlinkConstants.FamilyIPv4, out _);
            ConntrackMessages.TryReadFlow(payload, NetlinkConstants.FamilyIPv6, out _);
        }

        NftMessages.TryReadElements(data, "service-ips", []);
        ConntrackMessages.TryReadFlow(data, NetlinkConstants.FamilyIPv4, out _);
    }
}
