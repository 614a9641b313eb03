using System.Buffers;
using System.Text;

namespace Portico.Api.OpenApi;

/// <summary>Writes the wire form of protocol buffers: varints, texts and nested messages.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Length = 2;

    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>An empty text is the default and is left out.</summary>
    public void Text(int field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Bytes(field, Encoding.UTF8.GetBytes(value));
        }
    }

    /// <summary>False is the default and is left out, except in a oneof, where <paramref name="always"/> says that it is set.</summary>
    public void Flag(int field, bool value, bool always = false)
    {
        if (value || always)
        {
            Tag(field, Varint);
            Number(value ? 1u : 0u);
        }
    }

    public void Message(int field, Action<ProtobufWriter> write)
    {
        var inner = new ProtobufWriter();
        write(inner);
        Bytes(field, inner.Written);
    }

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Length);
        Number((uint)value.Length);
        _buffer.Write(value);
    }

    private void Tag(int field, int type) => Number((uint)((field << 3) | type));

    private void Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[5];
        var length = 0;
        while (value > 127)
        {
            bytes[length++] = (byte)(value | 128);
            value >>= 7;
        }

        bytes[length++] = (byte)value;
        _buffer.Write(bytes[..length]);
    }
}
