using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Portico.Net.Packets;

/// <summary>An IPv4 address as a number, so that ranges are intervals and look-ups allocate nothing.</summary>
/// <param name="Value">In host byte order: 10.0.0.1 is 0x0A000001.</param>
public readonly record struct IPv4(uint Value)
{
    public const int Length = 4;

    /// <summary>Four decimal parts without leading zeros, as the Kubernetes API takes them; nothing of what inet_aton also takes.</summary>
    public static bool TryParse(string? text, out IPv4 address)
    {
        address = default;
        if (text is null || !IPAddress.TryParse(text, out var parsed) || parsed.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Length];
        parsed.TryWriteBytes(bytes, out _);
        address = Read(bytes);
        return address.ToString() == text;
    }

    /// <param name="bytes">At least <see cref="Length"/> of them, in network byte order.</param>
    public static IPv4 Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt32BigEndian(bytes, Value);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Value >> 24}.{(Value >> 16) & 255}.{(Value >> 8) & 255}.{Value & 255}");
}
