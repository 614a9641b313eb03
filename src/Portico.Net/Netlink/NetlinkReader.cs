using System.Buffers.Binary;

namespace Portico.Net.Netlink;

/// <summary>Takes messages and attributes apart. Never throws: false means that what is left is no whole message or attribute.</summary>
public static class NetlinkReader
{
    public static bool TryReadMessage(scoped ref ReadOnlySpan<byte> data, out NetlinkHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        if (data.Length < NetlinkConstants.HeaderLength)
        {
            return false;
        }

        var length = BitConverter.ToUInt32(data);
        if (length < NetlinkConstants.HeaderLength || length > data.Length)
        {
            return false;
        }

        header = new(
            BitConverter.ToUInt16(data[4..]), BitConverter.ToUInt16(data[6..]), BitConverter.ToUInt32(data[8..]), BitConverter.ToUInt32(data[12..]));
        payload = data[NetlinkConstants.HeaderLength..(int)length];
        data = data[Math.Min(Align((int)length), data.Length)..];
        return true;
    }

    /// <param name="type">Without the flags for nesting and byte order.</param>
    public static bool TryReadAttribute(scoped ref ReadOnlySpan<byte> data, out int type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (data.Length < NetlinkConstants.AttributeHeaderLength)
        {
            return false;
        }

        int length = BitConverter.ToUInt16(data);
        if (length < NetlinkConstants.AttributeHeaderLength || length > data.Length)
        {
            return false;
        }

        type = BitConverter.ToUInt16(data[2..]) & NetlinkConstants.AttributeTypeMask;
        value = data[NetlinkConstants.AttributeHeaderLength..length];
        data = data[Math.Min(Align(length), data.Length)..];
        return true;
    }

    /// <summary>The first attribute of a type among its siblings.</summary>
    public static bool TryFind(ReadOnlySpan<byte> attributes, int wanted, out ReadOnlySpan<byte> value)
    {
        var rest = attributes;
        while (TryReadAttribute(ref rest, out var type, out value))
        {
            if (type == wanted)
            {
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>A number in network byte order, as netfilter's attributes have it.</summary>
    public static bool TryReadUInt32(ReadOnlySpan<byte> value, out uint number) => BinaryPrimitives.TryReadUInt32BigEndian(value, out number);

    /// <summary>errno of an NLMSG_ERROR (0 is an acknowledgement) or NLMSG_DONE payload.</summary>
    public static bool TryReadError(ReadOnlySpan<byte> payload, out int errno)
    {
        errno = payload.Length < 4 ? 0 : -BitConverter.ToInt32(payload);
        return payload.Length >= 4;
    }

    internal static int Align(int length) => (length + 3) & ~3;
}
