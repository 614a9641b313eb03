using System.Net;
using CsCheck;
using Portico.Net.Packets;

namespace Portico.Net.Tests.Packets;

public sealed class AddressTests
{
    [Fact]
    public void IPv4_TextAndBytes_AsTheFrameworkHasThem() => Gen.UInt.Sample(static value =>
    {
        var address = new IPv4(value);
        var bytes = new byte[IPv4.Length];
        address.Write(bytes);
        Assert.Equal(new IPAddress(bytes).ToString(), address.ToString());
        Assert.Equal(address, IPv4.Read(bytes));
        Assert.True(IPv4.TryParse(address.ToString(), out var parsed));
        Assert.Equal(address, parsed);
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10.1")]
    [InlineData("10.0.0.01")]
    [InlineData("0x0a000001")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData(" 10.0.0.1")]
    [InlineData("10.0.0.256")]
    public void IPv4_OtherSpellings_AreRefused(string? text) => Assert.False(IPv4.TryParse(text, out _));

    [Fact]
    public void MacAddress_BytesBackAndForth() => Gen.Byte.Array[MacAddress.Length].Sample(static bytes =>
    {
        var written = new byte[MacAddress.Length];
        MacAddress.Read(bytes).Write(written);
        Assert.Equal(bytes, written);
        Assert.Equal(string.Join(':', bytes.Select(octet => $"{octet:x2}")), MacAddress.Read(bytes).ToString());
    });

    [Theory]
    [InlineData(0x02004D000002, true)]
    [InlineData(0x000000000000, false)]
    [InlineData(0xFFFFFFFFFFFF, false)]
    [InlineData(0x01005E000001, false)]
    public void MacAddress_IsStation(ulong value, bool expected) => Assert.Equal(expected, new MacAddress(value).IsStation);
}
