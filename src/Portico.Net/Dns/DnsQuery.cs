using System.Buffers.Binary;

namespace Portico.Net.Dns;

/// <summary>A query with its one question, as a server reads it.</summary>
public readonly record struct DnsQuery
{
    public const int HeaderLength = 12;

    /// <summary>What a client takes by UDP that does not say (RFC 1035, section 2.3.4).</summary>
    public const int ClassicPayload = 512;

    private const int FlagResponse = 0x8000;
    private const int OpcodeMask = 0x7800;

    public ushort Id { get; private init; }

    public ushort Flags { get; private init; }

    /// <summary>As it was asked, upper and lower case kept, without a dot at the end.</summary>
    public string Name { get; private init; }

    public DnsType Type { get; private init; }

    public ushort Class { get; private init; }

    /// <summary>Where the question's bytes end; they begin behind the header.</summary>
    public int QuestionEnd { get; private init; }

    /// <summary>The client speaks EDNS (RFC 6891).</summary>
    public bool HasEdns { get; private init; }

    public byte EdnsVersion { get; private init; }

    /// <summary>Longest answer that the client takes by UDP.</summary>
    public int Payload { get; private init; }

    /// <summary>A standard query; others are not implemented here.</summary>
    public bool IsStandard => (Flags & OpcodeMask) == 0;

    public bool WantsRecursion => (Flags & 0x0100) != 0;

    /// <summary>Without the question: for an answer to a query that is not well formed.</summary>
    public DnsQuery HeaderOnly => this with { QuestionEnd = 0, HasEdns = false };

    /// <returns>
    /// False: it is no query that could be answered, or is not well formed; <paramref name="query"/> then has the header, when there is one that deserves an answer.
    /// </returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out DnsQuery query)
    {
        query = default;
        if (message.Length < HeaderLength)
        {
            return false;
        }

        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        query = new() { Id = BinaryPrimitives.ReadUInt16BigEndian(message), Flags = flags, Name = "", Payload = ClassicPayload };
        var position = HeaderLength;
        if ((flags & FlagResponse) != 0 || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1
            || !DnsName.TryRead(message, ref position, out var name) || position + 4 > message.Length)
        {
            return false;
        }

        query = query with
        {
            Name = name,
            Type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[position..]),
            Class = BinaryPrimitives.ReadUInt16BigEndian(message[(position + 2)..]),
            QuestionEnd = position + 4,
        };
        var records = BinaryPrimitives.ReadUInt16BigEndian(message[6..]) + BinaryPrimitives.ReadUInt16BigEndian(message[8..])
            + BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        position += 4;
        for (var i = 0; i < records; i++)
        {
            if (!TryReadRecord(message, ref position, ref query))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A response asks for no answer, whatever is wrong with it: two servers could answer each other for ever.</summary>
    public bool IsResponse => (Flags & FlagResponse) != 0;

    private static bool TryReadRecord(ReadOnlySpan<byte> message, ref int position, ref DnsQuery query)
    {
        if (!DnsName.TryRead(message, ref position, out _) || position + 10 > message.Length)
        {
            return false;
        }

        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[position..]);
        if (type == DnsType.Opt)
        {
            query = query with
            {
                HasEdns = true,
                EdnsVersion = message[position + 5],
                Payload = Math.Max(ClassicPayload, (int)BinaryPrimitives.ReadUInt16BigEndian(message[(position + 2)..])),
            };
        }

        position += 10 + BinaryPrimitives.ReadUInt16BigEndian(message[(position + 8)..]);
        return position <= message.Length;
    }
}
