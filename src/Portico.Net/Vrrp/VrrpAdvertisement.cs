using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Portico.Net.Packets;

namespace Portico.Net.Vrrp;

/// <summary>The one message of VRRP: RFC 9568, section 5.1, and RFC 3768, section 5.1.</summary>
/// <param name="Priority">0: the sender leaves; 255: it owns the addresses.</param>
/// <param name="Interval">In hundredths of a second; in version 2 whole seconds.</param>
/// <param name="Addresses">All of the family of the packet that carries them.</param>
public sealed record VrrpAdvertisement(
    VrrpVersion Version, byte VirtualRouterId, byte Priority, ushort Interval, ImmutableArray<IPAddress> Addresses)
{
    public const byte Protocol = 112;

    private const int HeaderLength = 8;
    private const int PasswordLength = 8;
    private const byte Advertisement = 1;
    private const int CentisecondsPerSecond = 100;
    private const int IntervalMask = 0x0FFF;

    /// <summary>Version 2 only.</summary>
    public VrrpAuthenticationType Authentication { get; init; }

    /// <summary>The password of <see cref="VrrpAuthenticationType.SimplePassword"/>, up to eight bytes; else 0.</summary>
    public ulong Password { get; init; }

    /// <summary>What was or is to be summed up, over IPv4 in version 3.</summary>
    public VrrpChecksum Checksum { get; init; }

    public int Length =>
        HeaderLength + Addresses.Sum(static address => address.AddressFamily == AddressFamily.InterNetwork ? 4 : 16) + (Version == VrrpVersion.V2 ? PasswordLength : 0);

    /// <summary>A password as the wire has it: the first eight bytes, filled up with zeros.</summary>
    public static ulong PasswordOf(ReadOnlySpan<byte> password)
    {
        Span<byte> bytes = stackalloc byte[PasswordLength];
        password[..Math.Min(password.Length, PasswordLength)].CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <param name="message">The payload of the IP packet, without an authentication header.</param>
    /// <param name="source">Of the packet; it says the family, and is part of the checksum.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> message, IPAddress source, IPAddress destination, out VrrpAdvertisement? advertisement, out VrrpError error)
    {
        advertisement = null;
        error = Read(message, source, destination, ref advertisement);
        return error == VrrpError.None;
    }

    /// <param name="message">At least <see cref="Length"/> bytes.</param>
    public void Write(IPAddress source, IPAddress destination, Span<byte> message)
    {
        message = message[..Length];
        message.Clear();
        message[0] = (byte)(((byte)Version << 4) | Advertisement);
        message[1] = VirtualRouterId;
        message[2] = Priority;
        message[3] = (byte)Addresses.Length;
        if (Version == VrrpVersion.V2)
        {
            message[4] = (byte)Authentication;
            message[5] = (byte)(Interval / CentisecondsPerSecond);
            BinaryPrimitives.WriteUInt64BigEndian(message[^PasswordLength..], Password);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(message[4..], (ushort)(Interval & IntervalMask));
        }

        var rest = message[HeaderLength..];
        foreach (var address in Addresses)
        {
            address.TryWriteBytes(rest, out var written);
            rest = rest[written..];
        }

        BinaryPrimitives.WriteUInt16BigEndian(message[6..], Sum(message, source, destination, Checksum));
    }

    private static VrrpError Read(ReadOnlySpan<byte> message, IPAddress source, IPAddress destination, ref VrrpAdvertisement? advertisement)
    {
        if (message.Length < HeaderLength)
        {
            return VrrpError.Length;
        }

        var (version, addressLength) = ((VrrpVersion)(message[0] >> 4), source.AddressFamily == AddressFamily.InterNetwork ? 4 : 16);
        if (version is not (VrrpVersion.V2 or VrrpVersion.V3) || (version == VrrpVersion.V2 && addressLength != 4))
        {
            return VrrpError.Version;
        }

        if ((message[0] & 0x0F) != Advertisement)
        {
            return VrrpError.Type;
        }

        var end = HeaderLength + (message[3] * addressLength);
        if (message.Length != end + (version == VrrpVersion.V2 ? PasswordLength : 0))
        {
            return VrrpError.Length;
        }

        var interval = version == VrrpVersion.V2 ? message[5] * CentisecondsPerSecond : BinaryPrimitives.ReadUInt16BigEndian(message[4..]) & IntervalMask;
        if (message[1] == 0 || interval == 0)
        {
            return VrrpError.Value;
        }

        if (CoveredBy(message, source, destination) is not { } checksum)
        {
            return VrrpError.Checksum;
        }

        var addresses = ImmutableArray.CreateBuilder<IPAddress>(message[3]);
        for (var at = HeaderLength; at < end; at += addressLength)
        {
            addresses.Add(new(message.Slice(at, addressLength)));
        }

        var authentication = version == VrrpVersion.V2 ? (VrrpAuthenticationType)message[4] : VrrpAuthenticationType.None;
        advertisement = new(version, message[1], message[2], (ushort)interval, addresses.MoveToImmutable())
        {
            Authentication = authentication,
            Password = authentication == VrrpAuthenticationType.SimplePassword ? BinaryPrimitives.ReadUInt64BigEndian(message[end..]) : 0,
            Checksum = checksum,
        };
        return VrrpError.None;
    }

    private static VrrpChecksum? CoveredBy(ReadOnlySpan<byte> message, IPAddress source, IPAddress destination) =>
        Sum(message, source, destination, VrrpChecksum.PseudoHeader) == 0 ? VrrpChecksum.PseudoHeader
        : source.AddressFamily == AddressFamily.InterNetwork && Sum(message, source, destination, VrrpChecksum.MessageOnly) == 0 ? VrrpChecksum.MessageOnly
        : null;

    private static ushort Sum(ReadOnlySpan<byte> message, IPAddress source, IPAddress destination, VrrpChecksum covered)
    {
        var alone = source.AddressFamily == AddressFamily.InterNetwork && (covered == VrrpChecksum.MessageOnly || message[0] >> 4 == (byte)VrrpVersion.V2);
        return alone ? InternetChecksum.Of(message) : InternetChecksum.Of(source, destination, Protocol, message);
    }

    public bool Equals(VrrpAdvertisement? other) =>
        other is not null
        && (Version, VirtualRouterId, Priority, Interval, Authentication, Password, Checksum)
            == (other.Version, other.VirtualRouterId, other.Priority, other.Interval, other.Authentication, other.Password, other.Checksum)
        && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => HashCode.Combine(Version, VirtualRouterId, Priority, Interval, Addresses.Length);
}
