using System.Net;
using System.Net.Sockets;
using CsCheck;
using Portico.Net.Packets;
using Portico.Net.Vrrp;

namespace Portico.Net.Tests.Vrrp;

public sealed class VrrpPacketTests
{
    private static readonly IPAddress Source = IPAddress.Parse("10.77.0.12");

    private static readonly Gen<VrrpPacket> Packets =
        from six in Gen.Bool
        from two in Gen.Bool
        from vrid in Gen.Byte[1, 255]
        from priority in Gen.Byte
        from seconds in Gen.Int[1, 40]
        from centiseconds in Gen.Int[1, 4095]
        from addresses in Gen.Byte.Array[six ? 16 : 4].Array[0, 30]
        from authentication in Gen.Int[0, 2]
        from password in Gen.ULong
        from alone in Gen.Bool
        from source in Gen.Byte.Array[six ? 16 : 4]
        from hops in Gen.Byte
        let version = two && !six ? VrrpVersion.V2 : VrrpVersion.V3
        let type = version == VrrpVersion.V2 ? (VrrpAuthenticationType)authentication : VrrpAuthenticationType.None
        select new VrrpPacket(
            new(source),
            six ? VrrpPacket.GroupIPv6 : VrrpPacket.GroupIPv4,
            hops,
            new(version, vrid, priority, (ushort)(version == VrrpVersion.V2 ? seconds * 100 : centiseconds), [.. addresses.Select(static bytes => new IPAddress(bytes))])
            {
                Authentication = type,
                Password = type == VrrpAuthenticationType.SimplePassword ? password : 0,
                Checksum = alone && !six && version == VrrpVersion.V3 ? VrrpChecksum.MessageOnly : VrrpChecksum.PseudoHeader,
            })
        {
            AuthenticationHeader = type == VrrpAuthenticationType.AuthenticationHeader ? new(new IPv4(0).Value, (uint)password, 0) : null,
        };

    [Fact]
    public void Write_ThenRead_Same() => Packets.Sample(static packet =>
    {
        var bytes = Bytes(packet);

        Assert.True(VrrpPacket.TryRead(bytes, out var read, out var error), $"{error}");
        // The sum over the message may be right with and without the pseudo-header.
        Assert.Equal(packet.Advertisement with { Checksum = read!.Advertisement.Checksum }, read.Advertisement);
        Assert.Equal((packet.Source, packet.Destination, packet.HopLimit), (read.Source, read.Destination, read.HopLimit));
        Assert.Equal(packet.AuthenticationHeader, read.AuthenticationHeader);
    });

    [Fact]
    public void TryRead_EveryPrefix_FalseUntilWhole() => Packets.Sample(
        static packet =>
        {
            var bytes = Bytes(packet);
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.False(VrrpPacket.TryRead(bytes.AsSpan(0, length), out _, out var error));
                Assert.NotEqual(VrrpError.None, error);
            }

            // Ethernet pads.
            Assert.True(VrrpPacket.TryRead([.. bytes, .. new byte[18]], out _, out _));
        },
        iter: 100);

    [Fact]
    public void TryRead_RandomBytes_NeverThrows() => Gen.Byte.Array[0, 120].Sample(static bytes => { _ = VrrpPacket.TryRead(bytes, out _, out _); });

    [Fact]
    public void TryRead_OneByteChanged_NeverThrowsAndIsRefusedInsideTheMessage() =>
        Gen.Select(Packets, Gen.Int[0, 10_000], Gen.Int[1, 255]).Sample(static change =>
        {
            var (packet, position, flip) = change;
            var bytes = Bytes(packet);
            position %= bytes.Length;
            bytes[position] ^= (byte)flip;
            var isRead = VrrpPacket.TryRead(bytes, out _, out _);
            Assert.False(isRead && position >= bytes.Length - packet.Advertisement.Length, $"byte {position} is part of the sum");
        });

    [Theory]
    [InlineData(0x31, VrrpError.None)]
    [InlineData(0x32, VrrpError.Type)]
    [InlineData(0x11, VrrpError.Version)]
    [InlineData(0x41, VrrpError.Version)]
    public void TryRead_VersionAndType_NamedError(int first, VrrpError expected)
    {
        var bytes = Bytes(Advertise(IPAddress.Parse("10.77.0.200")));
        bytes[20] = (byte)first;

        VrrpPacket.TryRead(bytes, out _, out var error);

        Assert.Equal(expected, error);
    }

    [Fact]
    public void TryRead_FragmentOtherProtocolZeroValues_NamedErrors()
    {
        Assert.Equal(VrrpError.Protocol, Changed(6, 0x20));
        Assert.Equal(VrrpError.Protocol, Changed(9, 17));
        Assert.Equal(VrrpError.Value, Changed(21, 0));
        Assert.Equal(VrrpError.Checksum, Changed(26, 0xFF));
        Assert.Equal(VrrpError.Length, Changed(23, 2));
    }

    [Fact]
    public void Sign_ThenIsAuthentic_OnlyWithTheKeyAndUntouched()
    {
        var key = VrrpAdvertisement.PasswordOf("secret"u8);
        var packet = new VrrpPacket(Source, VrrpPacket.GroupIPv4, 255, new(VrrpVersion.V2, 51, 100, 100, [IPAddress.Parse("10.77.0.200")])
        {
            Authentication = VrrpAuthenticationType.AuthenticationHeader,
        })
        {
            AuthenticationHeader = new(0x0A4D000C, 7, 0),
        };
        var bytes = Bytes(packet);
        VrrpAuthenticationHeader.Sign(bytes, key);
        Assert.True(VrrpPacket.TryRead(bytes, out var read, out _));

        Assert.True(read!.AuthenticationHeader!.IsAuthentic(bytes, key));
        Assert.False(read.AuthenticationHeader.IsAuthentic(bytes, key + 1));
        bytes[8]--;
        Assert.False(read.AuthenticationHeader.IsAuthentic(bytes, key));
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork, 51, "00:00:5e:00:01:33")]
    [InlineData(AddressFamily.InterNetworkV6, 255, "00:00:5e:00:02:ff")]
    public void VirtualMac_OfFamilyAndId(AddressFamily family, byte id, string expected) => Assert.Equal(expected, VrrpPacket.VirtualMac(family, id).ToString());

    private static VrrpPacket Advertise(params IPAddress[] addresses) =>
        new(Source, VrrpPacket.GroupIPv4, 255, new(VrrpVersion.V3, 51, 100, 100, [.. addresses]));

    private static byte[] Bytes(VrrpPacket packet)
    {
        var bytes = new byte[packet.Length];
        packet.Write(1, bytes);
        return bytes;
    }

    private static VrrpError Changed(int octet, byte value)
    {
        var bytes = Bytes(Advertise(IPAddress.Parse("10.77.0.200")));
        bytes[octet] = value;
        Assert.False(VrrpPacket.TryRead(bytes, out _, out var error));
        return error;
    }
}
