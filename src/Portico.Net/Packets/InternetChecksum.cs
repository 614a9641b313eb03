using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Portico.Net.Packets;

/// <summary>The checksum of RFC 1071: of data that holds its own, right checksum it is 0.</summary>
public static class InternetChecksum
{
    public static ushort Of(ReadOnlySpan<byte> data) => Fold(Sum(data));

    /// <summary>With the pseudo-header of RFC 793 (IPv4) or RFC 8200, section 8.1 (IPv6) in front.</summary>
    public static ushort Of(IPAddress source, IPAddress destination, byte protocol, ReadOnlySpan<byte> data)
    {
        Span<byte> header = stackalloc byte[40];
        source.TryWriteBytes(header, out var length);
        destination.TryWriteBytes(header[length..], out _);
        var rest = header[(2 * length)..];
        if (source.AddressFamily == AddressFamily.InterNetwork)
        {
            rest[1] = protocol;
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)data.Length);
            rest = rest[4..];
        }
        else
        {
            BinaryPrimitives.WriteInt32BigEndian(rest, data.Length);
            rest[7] = protocol;
            rest = rest[8..];
        }

        return Fold(Sum(header[..^rest.Length]) + Sum(data));
    }

    private static ulong Sum(ReadOnlySpan<byte> data)
    {
        ulong sum = 0;
        for (; data.Length >= 2; data = data[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(data);
        }

        return data.IsEmpty ? sum : sum + ((ulong)data[0] << 8);
    }

    private static ushort Fold(ulong sum)
    {
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
