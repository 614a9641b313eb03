using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Portico.Net.Vrrp;

/// <summary>
/// The IPsec authentication header (RFC 2402) with HMAC-MD5-96 (RFC 2403) as keepalived uses it for VRRP version 2: the SPI is the sender's
/// address, and the TTL of a multicast packet counts as immutable.
/// </summary>
/// <param name="Index">The SPI: the sender's IPv4 address.</param>
/// <param name="Sequence">Grows from packet to packet through all routers of the group.</param>
/// <param name="Check">The first 96 bits of the digest, highest first.</param>
public sealed record VrrpAuthenticationHeader(uint Index, uint Sequence, UInt128 Check)
{
    public const byte Protocol = 51;
    public const int Length = 12 + CheckLength;

    private const int CheckLength = 12;
    private const byte LengthField = (Length / 4) - 2;
    private const int KeyLength = 8;
    private const byte MulticastOctet = 224;

    internal static bool TryRead(ReadOnlySpan<byte> payload, out VrrpAuthenticationHeader? header)
    {
        header = null;
        if (payload.Length < Length || payload[0] != VrrpAdvertisement.Protocol || payload[1] != LengthField)
        {
            return false;
        }

        header = new(BinaryPrimitives.ReadUInt32BigEndian(payload[4..]), BinaryPrimitives.ReadUInt32BigEndian(payload[8..]), ReadCheck(payload));
        return true;
    }

    internal void Write(Span<byte> payload)
    {
        payload[..Length].Clear();
        payload[0] = VrrpAdvertisement.Protocol;
        payload[1] = LengthField;
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], Index);
        BinaryPrimitives.WriteUInt32BigEndian(payload[8..], Sequence);
        Span<byte> check = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(check, Check);
        check[4..].CopyTo(payload[12..]);
    }

    /// <summary>Whether the sender knew the key and nobody changed the packet on the way.</summary>
    /// <param name="ip">A packet that <see cref="VrrpPacket.TryRead"/> read, with this header.</param>
    /// <param name="key">As <see cref="VrrpAdvertisement.PasswordOf"/> makes it.</param>
    public bool IsAuthentic(ReadOnlySpan<byte> ip, ulong key)
    {
        Span<byte> expected = stackalloc byte[CheckLength];
        Span<byte> check = stackalloc byte[16];
        Digest(ip[..BinaryPrimitives.ReadUInt16BigEndian(ip[2..])], key, expected);
        BinaryPrimitives.WriteUInt128BigEndian(check, Check);
        return Index == BinaryPrimitives.ReadUInt32BigEndian(ip[12..]) && CryptographicOperations.FixedTimeEquals(expected, check[4..]);
    }

    /// <summary>Fills in the digest of a packet that was written with a header of check 0.</summary>
    public static void Sign(Span<byte> ip, ulong key)
    {
        Span<byte> check = stackalloc byte[CheckLength];
        Digest(ip, key, check);
        check.CopyTo(ip[(HeaderLength(ip) + 12)..]);
    }

    private static void Digest(ReadOnlySpan<byte> ip, ulong key, Span<byte> check)
    {
        var copy = ip.ToArray();
        var header = HeaderLength(ip);
        copy[1] = 0;
        copy.AsSpan(6, 2).Clear();
        copy.AsSpan(10, 2).Clear();
        if (copy[16] < MulticastOctet)
        {
            copy[8] = 0;
        }

        copy.AsSpan(header + 12, CheckLength).Clear();
        Span<byte> secret = stackalloc byte[KeyLength];
        BinaryPrimitives.WriteUInt64BigEndian(secret, key);
        Span<byte> digest = stackalloc byte[HMACMD5.HashSizeInBytes];
#pragma warning disable CA5351 // The protocol's own algorithm; the reader is told that it is weak.
        HMACMD5.HashData(secret, copy, digest);
#pragma warning restore CA5351
        digest[..CheckLength].CopyTo(check);
    }

    private static int HeaderLength(ReadOnlySpan<byte> ip) => (ip[0] & 0x0F) * 4;

    private static UInt128 ReadCheck(ReadOnlySpan<byte> payload) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(payload[12..]), BinaryPrimitives.ReadUInt64BigEndian(payload[16..]));
}
