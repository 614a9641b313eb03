using System.Buffers.Binary;

namespace Portico.Server.Protobuf;

/// <summary>Reads the fields of one protobuf message. False on anything malformed or short.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public readonly bool IsAtEnd => _rest.Length == 0;

    /// <param name="number">Of the field.</param>
    /// <param name="value">A varint or a fixed-width number.</param>
    /// <param name="bytes">The content of a length-delimited field.</param>
    /// <param name="isBytes">Which of the two was read.</param>
    public bool TryRead(out int number, out ulong value, out ReadOnlySpan<byte> bytes, out bool isBytes)
    {
        (number, value, isBytes) = (0, 0, false);
        bytes = default;
        if (!TryVarint(out var tag) || tag >> 3 is 0 or > int.MaxValue)
        {
            return false;
        }

        number = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                return TryVarint(out value);
            case 1 when _rest.Length >= 8:
                value = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
                _rest = _rest[8..];
                return true;
            case 5 when _rest.Length >= 4:
                value = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
                _rest = _rest[4..];
                return true;
            case 2 when TryVarint(out var length) && length <= (ulong)_rest.Length:
                isBytes = true;
                bytes = _rest[..(int)length];
                _rest = _rest[(int)length..];
                return true;
            default:
                return false;
        }
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < _rest.Length && i < 10; i++)
        {
            value |= (ulong)(_rest[i] & 0x7f) << (7 * i);
            if ((_rest[i] & 0x80) == 0)
            {
                _rest = _rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
