using System.Buffers.Binary;
using System.Text;

namespace Portico.Net.Netlink;

/// <summary>Builds a run of netlink messages in one growing buffer.</summary>
public sealed class NetlinkWriter
{
    private byte[] _buffer = new byte[4096];
    private int _message = -1;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear()
    {
        Length = 0;
        _message = -1;
    }

    /// <summary>Starts a message with the fixed header of its type.</summary>
    public void Begin(ushort type, ushort flags, uint sequence, ReadOnlySpan<byte> header)
    {
        _message = Length;
        var span = Reserve(NetlinkConstants.HeaderLength + header.Length);
        BitConverter.TryWriteBytes(span[4..], type);
        BitConverter.TryWriteBytes(span[6..], flags);
        BitConverter.TryWriteBytes(span[8..], sequence);
        header.CopyTo(span[NetlinkConstants.HeaderLength..]);
    }

    /// <summary>Starts a message with the header that every netfilter message has (struct nfgenmsg).</summary>
    public void BeginNetfilter(ushort type, ushort flags, uint sequence, byte family, ushort resource = 0) =>
        Begin(type, flags, sequence, [family, 0, (byte)(resource >> 8), (byte)resource]);

    public void End() => BitConverter.TryWriteBytes(_buffer.AsSpan(_message), (uint)(Length - _message));

    /// <summary>Replaces the flags of the message that begins at <paramref name="start"/>.</summary>
    public void SetFlags(int start, ushort flags) => BitConverter.TryWriteBytes(_buffer.AsSpan(start + 6), flags);

    public void Attribute(int type, ReadOnlySpan<byte> value)
    {
        var span = Reserve(NetlinkReader.Align(NetlinkConstants.AttributeHeaderLength + value.Length));
        BitConverter.TryWriteBytes(span, (ushort)(NetlinkConstants.AttributeHeaderLength + value.Length));
        BitConverter.TryWriteBytes(span[2..], (ushort)type);
        value.CopyTo(span[NetlinkConstants.AttributeHeaderLength..]);
    }

    /// <summary>A string with its closing zero.</summary>
    public void Attribute(int type, string value)
    {
        Span<byte> bytes = stackalloc byte[256];
        var length = Encoding.UTF8.GetBytes(value, bytes[..^1]);
        bytes[length] = 0;
        Attribute(type, bytes[..(length + 1)]);
    }

    public void Attribute(int type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Attribute(type, bytes);
    }

    /// <returns>Where the attribute begins, for <see cref="EndNested"/>.</returns>
    public int BeginNested(int type)
    {
        var start = Length;
        var span = Reserve(NetlinkConstants.AttributeHeaderLength);
        BitConverter.TryWriteBytes(span[2..], (ushort)(type | NetlinkConstants.AttributeNested));
        return start;
    }

    public void EndNested(int start) => BitConverter.TryWriteBytes(_buffer.AsSpan(start), (ushort)(Length - start));

    private Span<byte> Reserve(int count)
    {
        if (Length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        }

        var span = _buffer.AsSpan(Length, count);
        span.Clear();
        Length += count;
        return span;
    }
}
