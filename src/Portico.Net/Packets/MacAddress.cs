namespace Portico.Net.Packets;

/// <summary>An Ethernet address.</summary>
/// <param name="Value">The 48 bits in the order of the wire, the first octet highest.</param>
public readonly record struct MacAddress(ulong Value)
{
    public const int Length = 6;

    public static readonly MacAddress Broadcast = new(0xFFFF_FFFF_FFFF);

    public static readonly MacAddress Zero;

    /// <summary>The address of one station: neither a group of them (IEEE 802.3, first bit of the first octet) nor none.</summary>
    public bool IsStation => Value != 0 && ((Value >> 40) & 1) == 0;

    /// <param name="bytes">At least <see cref="Length"/> of them.</param>
    public static MacAddress Read(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        foreach (var octet in bytes[..Length])
        {
            value = (value << 8) | octet;
        }

        return new(value);
    }

    public void Write(Span<byte> bytes)
    {
        for (var i = 0; i < Length; i++)
        {
            bytes[i] = (byte)(Value >> (8 * (Length - 1 - i)));
        }
    }

    /// <summary>As the system's tools write it: <c>02:42:0a:00:00:01</c>.</summary>
    public override string ToString()
    {
        var bytes = new byte[Length];
        Write(bytes);
        return string.Join(':', Convert.ToHexStringLower(bytes).Chunk(2).Select(static octet => new string(octet)));
    }
}
