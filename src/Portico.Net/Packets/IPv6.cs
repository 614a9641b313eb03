using System.Buffers.Binary;
using System.Net;

namespace Portico.Net.Packets;

/// <summary>An IPv6 address as a number, so that look-ups allocate nothing. It has no scope.</summary>
/// <param name="Value">In host byte order: ::1 is 1.</param>
public readonly record struct IPv6(UInt128 Value)
{
    public const int Length = 16;

    /// <summary>ff02::1, RFC 4291, section 2.7.1.</summary>
    public static readonly IPv6 AllNodes = new((((UInt128)0xFF02) << 112) | 1);

    /// <summary>::</summary>
    public static readonly IPv6 Unspecified;

    private const uint GroupPrefix = 0x3333;

    /// <param name="address">Of IPv6.</param>
    public static IPv6 From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[Length];
        address.TryWriteBytes(bytes, out _);
        return Read(bytes);
    }

    public bool IsMulticast => (byte)(Value >> 120) == 0xFF;

    /// <summary>The group that hears solicitations for this address: RFC 4291, section 2.7.1.</summary>
    public IPv6 SolicitedNode => new((((UInt128)0xFF02) << 112) | ((UInt128)0x1_FF00_0000) | (Value & 0xFF_FFFF));

    /// <summary>Where Ethernet carries packets to this group: RFC 2464, section 7.</summary>
    public MacAddress GroupMac => new(((ulong)GroupPrefix << 32) | (uint)Value);

    /// <param name="bytes">At least <see cref="Length"/> of them, in network byte order.</param>
    public static IPv6 Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[Length];
        Write(bytes);
        return new(bytes);
    }

    public override string ToString() => ToIPAddress().ToString();
}
