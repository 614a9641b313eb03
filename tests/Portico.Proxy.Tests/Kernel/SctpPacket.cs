using System.Buffers.Binary;
using System.Numerics;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>The first two packets of an SCTP association (RFC 9260), for kernels that have no SCTP sockets.</summary>
internal sealed record SctpPacket(ushort SourcePort, ushort DestinationPort, byte Chunk, uint VerificationTag, uint InitiateTag)
{
    public const byte Init = 1;
    public const byte InitAck = 2;
    private const int HeaderLength = 12;
    private const int ChunkLength = 20;

    public byte[] Write()
    {
        var bytes = new byte[HeaderLength + ChunkLength];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), VerificationTag);
        bytes[HeaderLength] = Chunk;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), ChunkLength);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), InitiateTag);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(20), 65536); // advertised receiver window
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(24), 1); // streams out and in
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(26), 1);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(28), 1); // initial TSN
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Checksum(bytes));
        return bytes;
    }

    /// <returns>Null: too short, or its checksum is wrong.</returns>
    public static SctpPacket? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength + ChunkLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Checksum(bytes))
        {
            return null;
        }

        return new(
            BinaryPrimitives.ReadUInt16BigEndian(bytes), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), bytes[HeaderLength],
            BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));
    }

    // RFC 9260, appendix A: CRC32c over the packet, with zeros in the place of the checksum.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (var index = 0; index < bytes.Length; index++)
        {
            crc = BitOperations.Crc32C(crc, index is >= 8 and < HeaderLength ? (byte)0 : bytes[index]);
        }

        return ~crc;
    }
}
