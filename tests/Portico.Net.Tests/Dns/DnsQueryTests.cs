using CsCheck;
using Portico.Net.Dns;

namespace Portico.Net.Tests.Dns;

public sealed class DnsQueryTests
{
    // glibc's resolver asking for web.shop.svc.cluster.local A, with EDNS and a cookie-free OPT of 1232 bytes (captured with tcpdump).
    private static readonly byte[] Captured = Convert.FromHexString(
        "2a1b01200001000000000001" + "03776562" + "0473686f70" + "03737663" + "07636c7573746572" + "056c6f63616c" + "00" + "00010001" + "00002904d0000000000000");

    [Fact]
    public void TryRead_CapturedQuery_HasQuestionAndEdns()
    {
        Assert.True(DnsQuery.TryRead(Captured, out var query));
        Assert.Equal((ushort)0x2a1b, query.Id);
        Assert.Equal("web.shop.svc.cluster.local", query.Name);
        Assert.Equal(DnsType.A, query.Type);
        Assert.True(query.HasEdns && query.WantsRecursion && query.IsStandard);
        Assert.Equal(1232, query.Payload);
    }

    [Fact]
    public void TryRead_EveryPrefix_IsFalseAndDoesNotThrow()
    {
        for (var length = 0; length < Captured.Length; length++)
        {
            Assert.False(DnsQuery.TryRead(Captured.AsSpan(0, length), out _), $"{length} bytes");
        }
    }

    [Fact]
    public void TryRead_RandomChanges_NeverThrows() =>
        Gen.Select(Gen.Int[0, Captured.Length - 1], Gen.Byte, Gen.Byte.Array[0, 40]).Sample((position, value, tail) =>
        {
            byte[] bytes = [.. Captured, .. tail];
            bytes[position] = value;
            if (DnsQuery.TryRead(bytes, out var query))
            {
                var target = new byte[512];
                var length = DnsWriter.Write(query, bytes, new() { Code = DnsCode.Refused }, false, target, 512);
                Assert.InRange(length, DnsQuery.HeaderLength, 512);
            }
        });

    [Fact]
    public void TryRead_RandomBytes_NeverThrows() =>
        Gen.Byte.Array[0, 80].Sample(bytes => { DnsQuery.TryRead(bytes, out _); });

    [Theory]
    [InlineData("c00c")] // to itself
    [InlineData("0161c00c")] // back to its own label
    [InlineData("c0ff")] // forwards, behind the end
    [InlineData("4061")] // an unknown label type
    [InlineData("3f6161")] // a label longer than the message
    public void TryReadName_PointerOrLabelIsBad_ReturnsFalse(string name)
    {
        byte[] message = [.. new byte[12], .. Convert.FromHexString(name), 0];
        var position = 12;
        Assert.False(DnsName.TryRead(message, ref position, out _));
    }

    [Fact]
    public void TryReadName_PointersThatPointAtEachOther_ReturnsFalse()
    {
        byte[] message = [0xc0, 0x02, 0xc0, 0x00];
        var (first, second) = (0, 2);
        Assert.False(DnsName.TryRead(message, ref first, out _));
        Assert.False(DnsName.TryRead(message, ref second, out _));
    }

    [Fact]
    public void TryReadName_LongerThan255Bytes_ReturnsFalse()
    {
        byte[] message = [.. Enumerable.Range(0, 130).SelectMany(_ => new byte[] { 1, (byte)'a' }), 0];
        var position = 0;
        Assert.False(DnsName.TryRead(message, ref position, out _));
    }

    [Fact]
    public void Name_AnyLabels_RoundTrip() =>
        Gen.Byte.Array[1, 63].Array[1, 3].Sample(labels =>
        {
            byte[] wire = [.. labels.SelectMany(label => (byte[])[(byte)label.Length, .. label]), 0];
            var position = 0;
            Assert.True(DnsName.TryRead(wire, ref position, out var name));
            Assert.Equal(wire.Length, position);
            var written = new byte[255];
            Assert.True(DnsName.TryWrite(name, written, out var length));
            Assert.Equal(wire, written[..length]);
        });

    [Theory]
    [InlineData("a..b")]
    [InlineData(".")]
    [InlineData("a.")]
    [InlineData("\\")]
    [InlineData("\\999")]
    [InlineData("ü\u1234")]
    public void TryWriteName_NoName_ReturnsFalse(string name) => Assert.False(DnsName.TryWrite(name, new byte[300], out _));
}
