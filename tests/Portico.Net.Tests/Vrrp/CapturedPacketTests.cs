using System.Net;
using Portico.Net.Vrrp;

namespace Portico.Net.Tests.Vrrp;

/// <summary>Packets that keepalived 2.2.7 sent at 10.77.0.12, captured by tcpdump, from the IP header on.</summary>
public sealed class CapturedPacketTests
{
    private const string IPv4To224 = "0001 0000 ff70";
    private const string V2 = "45c0 0028 " + IPv4To224 + "d039 0a4d 000c e000 0012 2133 6401 0001 6fb5 0a4d 00c8 0000 0000 0000 0000";
    private const string V2Password = "45c0 0028 " + IPv4To224 + "d039 0a4d 000c e000 0012 2133 6401 0101 3269 0a4d 00c8 7365 6372 6574 0000";
    private const string V2Header =
        "45c0 0040 0001 0000 ff33 d05e 0a4d 000c e000 0012 7004 0000 0a4d 000c 0000 0001 f562 8203 a675 950e f556 60da 2133 6401 0201 6db5 0a4d 00c8 0000 0000 0000 0000";

    private const string V3 = "45c0 0024 " + IPv4To224 + "d03d 0a4d 000c e000 0012 3133 6402 0064 694f 0a4d 00c8 0a4d 00c9";
    private const string V3Unicast = "45c0 0020 " + IPv4To224 + "a5fc 0a4d 000c 0a4d 000b 3133 6401 0064 4a25 0a4d 00c8";
    private const string V3IPv6 =
        "6c0c c784 0028 70ff fe80 0000 0000 0000 0000 4dff fe00 000c ff02 0000 0000 0000 0000 0000 0000 0012 3133 6402 0064 2033"
        + "fe80 0000 0000 0000 0000 0000 0000 0200 fd77 0000 0000 0000 0000 0000 0000 0200";

    [Theory]
    [InlineData(V2, VrrpVersion.V2, "10.77.0.12", "224.0.0.18", "10.77.0.200")]
    [InlineData(V2Password, VrrpVersion.V2, "10.77.0.12", "224.0.0.18", "10.77.0.200")]
    [InlineData(V2Header, VrrpVersion.V2, "10.77.0.12", "224.0.0.18", "10.77.0.200")]
    [InlineData(V3, VrrpVersion.V3, "10.77.0.12", "224.0.0.18", "10.77.0.200 10.77.0.201")]
    [InlineData(V3Unicast, VrrpVersion.V3, "10.77.0.12", "10.77.0.11", "10.77.0.200")]
    [InlineData(V3IPv6, VrrpVersion.V3, "fe80::4dff:fe00:c", "ff02::12", "fe80::200 fd77::200")]
    public void TryRead_Captured_AllFieldsAndWrittenAlike(string hex, VrrpVersion version, string source, string destination, string addresses)
    {
        var bytes = Bytes(hex);

        Assert.True(VrrpPacket.TryRead(bytes, out var packet, out var error), $"{error}");

        var advertisement = packet!.Advertisement;
        Assert.Equal((version, 51, 100, 100), (advertisement.Version, advertisement.VirtualRouterId, advertisement.Priority, advertisement.Interval));
        Assert.Equal((IPAddress.Parse(source), IPAddress.Parse(destination), VrrpPacket.DirectHopLimit), (packet.Source, packet.Destination, packet.HopLimit));
        Assert.Equal(addresses, string.Join(' ', advertisement.Addresses));
        Assert.Equal(VrrpChecksum.PseudoHeader, advertisement.Checksum);
        var written = new byte[packet.Length];
        packet.Write(1, written);
        // The flow label is the kernel's.
        Assert.Equal(Convert.ToHexString(bytes.AsSpan(4)), Convert.ToHexString(written.AsSpan(4)));
    }

    [Fact]
    public void TryRead_Password_IsTheOneConfigured()
    {
        Assert.True(VrrpPacket.TryRead(Bytes(V2Password), out var packet, out _));

        Assert.Equal((VrrpAuthenticationType.SimplePassword, VrrpAdvertisement.PasswordOf("secret"u8)), (packet!.Advertisement.Authentication, packet.Advertisement.Password));
    }

    [Fact]
    public void IsAuthentic_CapturedHeader_OnlyWithItsPassword()
    {
        var bytes = Bytes(V2Header);
        Assert.True(VrrpPacket.TryRead(bytes, out var packet, out _));

        Assert.Equal((0x0A4D000Cu, 1u), (packet!.AuthenticationHeader!.Index, packet.AuthenticationHeader.Sequence));
        Assert.True(packet.AuthenticationHeader.IsAuthentic(bytes, VrrpAdvertisement.PasswordOf("secret"u8)));
        Assert.False(packet.AuthenticationHeader.IsAuthentic(bytes, VrrpAdvertisement.PasswordOf("public"u8)));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
