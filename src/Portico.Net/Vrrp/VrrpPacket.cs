using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Portico.Net.Packets;

namespace Portico.Net.Vrrp;

/// <summary>An advertisement and the IP packet around it. IPv6 extension headers and fragments are refused: no router sends them.</summary>
/// <param name="HopLimit">TTL in IPv4. Below 255 the packet came over a router.</param>
public sealed record VrrpPacket(IPAddress Source, IPAddress Destination, byte HopLimit, VrrpAdvertisement Advertisement)
{
    /// <summary>RFC 9568, sections 5.1.1.3 and 5.1.2.3.</summary>
    public const byte DirectHopLimit = 255;

    /// <summary>The longest packet with 255 addresses of IPv6.</summary>
    public const int MaximumLength = IPv6Length + 8 + (255 * 16);

    internal const int IPv4Length = 20;
    internal const int IPv6Length = 40;
    private const byte InternetControl = 0xC0; // RFC 2474: class selector 6
    private const int DoNotFragment = 0x4000;

    /// <summary>RFC 9568, section 5.1.1.2.</summary>
    public static IPAddress GroupIPv4 { get; } = new([224, 0, 0, 18]);

    /// <summary>RFC 9568, section 5.1.2.2.</summary>
    public static IPAddress GroupIPv6 { get; } = IPAddress.Parse("ff02::12");

    /// <summary>The authentication header, when there is one; whether it is right, only <see cref="VrrpAuthenticationHeader.IsAuthentic"/> tells.</summary>
    public VrrpAuthenticationHeader? AuthenticationHeader { get; init; }

    public int Length =>
        (Source.AddressFamily == AddressFamily.InterNetwork ? IPv4Length : IPv6Length)
        + (AuthenticationHeader is null ? 0 : VrrpAuthenticationHeader.Length) + Advertisement.Length;

    public static IPAddress Group(AddressFamily family) => family == AddressFamily.InterNetwork ? GroupIPv4 : GroupIPv6;

    /// <summary>The hardware address of a virtual router: RFC 9568, section 7.3.</summary>
    public static MacAddress VirtualMac(AddressFamily family, byte virtualRouterId) =>
        new((family == AddressFamily.InterNetwork ? 0x0000_5E00_0100u : 0x0000_5E00_0200u) | (ulong)virtualRouterId);

    /// <param name="ip">From the IP header on; padding behind the packet is ignored.</param>
    public static bool TryRead(ReadOnlySpan<byte> ip, out VrrpPacket? packet, out VrrpError error)
    {
        packet = null;
        error = ip.IsEmpty ? VrrpError.Length : (ip[0] >> 4) switch
        {
            4 => ReadIPv4(ip, ref packet),
            6 => ReadIPv6(ip, ref packet),
            _ => VrrpError.Protocol,
        };
        return error == VrrpError.None;
    }

    /// <param name="identification">Of the IPv4 header; not 0, because the kernel would then choose one.</param>
    /// <param name="ip">At least <see cref="Length"/> bytes.</param>
    public void Write(ushort identification, Span<byte> ip)
    {
        ip = ip[..Length];
        var message = ip[^Advertisement.Length..];
        if (Source.AddressFamily == AddressFamily.InterNetwork)
        {
            WriteIPv4(identification, ip);
            AuthenticationHeader?.Write(ip[IPv4Length..]);
        }
        else
        {
            WriteIPv6(ip);
        }

        Advertisement.Write(Source, Destination, message);
    }

    private static VrrpError ReadIPv4(ReadOnlySpan<byte> ip, ref VrrpPacket? packet)
    {
        if (ip.Length < IPv4Length)
        {
            return VrrpError.Length;
        }

        var (header, total) = ((ip[0] & 0x0F) * 4, BinaryPrimitives.ReadUInt16BigEndian(ip[2..]));
        if (header < IPv4Length || total < header || total > ip.Length)
        {
            return VrrpError.Length;
        }

        var protocol = ip[9];
        if ((BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & ~DoNotFragment) != 0)
        {
            return VrrpError.Protocol;
        }

        var payload = ip[header..total];
        VrrpAuthenticationHeader? authentication = null;
        if (protocol == VrrpAuthenticationHeader.Protocol)
        {
            if (!VrrpAuthenticationHeader.TryRead(payload, out authentication))
            {
                return VrrpError.Protocol;
            }

            payload = payload[VrrpAuthenticationHeader.Length..];
        }
        else if (protocol != VrrpAdvertisement.Protocol)
        {
            return VrrpError.Protocol;
        }

        var (source, destination) = (new IPAddress(ip.Slice(12, 4)), new IPAddress(ip.Slice(16, 4)));
        if (VrrpAdvertisement.TryRead(payload, source, destination, out var advertisement, out var error))
        {
            packet = new(source, destination, ip[8], advertisement!) { AuthenticationHeader = authentication };
        }

        return error;
    }

    private static VrrpError ReadIPv6(ReadOnlySpan<byte> ip, ref VrrpPacket? packet)
    {
        if (ip.Length < IPv6Length)
        {
            return VrrpError.Length;
        }

        if (ip[6] != VrrpAdvertisement.Protocol)
        {
            return VrrpError.Protocol;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
        if (length > ip.Length - IPv6Length)
        {
            return VrrpError.Length;
        }

        var (source, destination) = (new IPAddress(ip.Slice(8, 16)), new IPAddress(ip.Slice(24, 16)));
        if (VrrpAdvertisement.TryRead(ip.Slice(IPv6Length, length), source, destination, out var advertisement, out var error))
        {
            packet = new(source, destination, ip[7], advertisement!);
        }

        return error;
    }

    private void WriteIPv4(ushort identification, Span<byte> ip)
    {
        ip[..IPv4Length].Clear();
        ip[0] = 0x45;
        ip[1] = InternetControl;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], identification);
        ip[8] = HopLimit;
        ip[9] = AuthenticationHeader is null ? VrrpAdvertisement.Protocol : VrrpAuthenticationHeader.Protocol;
        Source.TryWriteBytes(ip[12..], out _);
        Destination.TryWriteBytes(ip[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Of(ip[..IPv4Length]));
    }

    private void WriteIPv6(Span<byte> ip)
    {
        ip[..IPv6Length].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(ip, 0x6000 | (InternetControl << 4));
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)Advertisement.Length);
        ip[6] = VrrpAdvertisement.Protocol;
        ip[7] = HopLimit;
        Source.TryWriteBytes(ip[8..], out _);
        Destination.TryWriteBytes(ip[24..], out _);
    }
}
