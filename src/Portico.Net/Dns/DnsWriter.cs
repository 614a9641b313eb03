using System.Buffers.Binary;
using System.Text;

namespace Portico.Net.Dns;

/// <summary>Writes answers. Names are compressed (RFC 1035, section 4.1.4).</summary>
public static class DnsWriter
{
    private const int FlagResponse = 0x8000;
    private const int FlagAuthoritative = 0x0400;
    private const int FlagTruncated = 0x0200;
    private const int FlagRecursionAvailable = 0x0080;
    private const int KeptFlags = 0x7900; // opcode and "recursion desired" are the client's
    private const int OptLength = 11;
    private const ushort OwnPayload = 1232; // what fits every path without fragments (DNS flag day 2020)

    /// <summary>
    /// Writes the answer to <paramref name="query"/>. What doesn't fit in <paramref name="limit"/> is left out, and the client is told to ask by TCP.
    /// </summary>
    /// <param name="message">The query's own bytes, for its question.</param>
    /// <param name="target">At least <paramref name="limit"/> long.</param>
    /// <param name="limit">At least 512.</param>
    /// <returns>Length of the answer.</returns>
    public static int Write(DnsQuery query, ReadOnlySpan<byte> message, DnsAnswer answer, bool recursionAvailable, Span<byte> target, int limit)
    {
        var room = target[..(limit - (query.HasEdns ? OptLength : 0))];
        var state = new Names();
        var position = DnsQuery.HeaderLength;
        if (query.QuestionEnd > DnsQuery.HeaderLength)
        {
            position = WriteQuestion(query, message, room);
            state.Remember(query.Name, DnsQuery.HeaderLength);
        }

        var fits = WriteAll(answer.Answers, room, ref position, state, out var answers);
        var authorities = 0;
        fits = fits && WriteAll(answer.Authorities, room, ref position, state, out authorities);
        var additionals = 0;
        if (fits)
        {
            // These are a courtesy: without them nothing is missing.
            WriteAll(answer.Additionals, room, ref position, state, out additionals);
        }

        if (query.HasEdns)
        {
            WriteOpt(target[position..], answer.Code);
            position += OptLength;
            additionals++;
        }

        var flags = FlagResponse | (query.Flags & KeptFlags) | (answer.IsAuthoritative ? FlagAuthoritative : 0) | (fits ? 0 : FlagTruncated)
            | (recursionAvailable ? FlagRecursionAvailable : 0) | ((int)answer.Code & 0xf);
        WriteHeader(target, query.Id, flags, query.QuestionEnd > DnsQuery.HeaderLength ? 1 : 0, answers, authorities, additionals);
        return position;
    }

    private static void WriteHeader(Span<byte> target, ushort id, int flags, int questions, int answers, int authorities, int additionals)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, id);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], (ushort)questions);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)answers);
        BinaryPrimitives.WriteUInt16BigEndian(target[8..], (ushort)authorities);
        BinaryPrimitives.WriteUInt16BigEndian(target[10..], (ushort)additionals);
    }

    // Byte for byte when it is plain, so that a client that mixes upper and lower case against forgeries finds its own; a compressed one is written out.
    private static int WriteQuestion(DnsQuery query, ReadOnlySpan<byte> message, Span<byte> target)
    {
        DnsName.TryWrite(query.Name, target[DnsQuery.HeaderLength..], out var length);
        var position = DnsQuery.HeaderLength + length;
        message[(query.QuestionEnd - 4)..query.QuestionEnd].CopyTo(target[position..]);
        return position + 4;
    }

    private static bool WriteAll(IReadOnlyList<DnsRecord> records, Span<byte> target, ref int position, Names names, out int count)
    {
        count = 0;
        foreach (var record in records)
        {
            var start = position;
            if (!TryWrite(record, target, ref position, names))
            {
                position = start;
                names.Forget(start);
                return false;
            }

            count++;
        }

        return true;
    }

    private static bool TryWrite(DnsRecord record, Span<byte> target, ref int position, Names names)
    {
        if (!names.TryWrite(record.Name, target, ref position) || position + 10 > target.Length)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(target[position..], (ushort)record.Type);
        BinaryPrimitives.WriteUInt16BigEndian(target[(position + 2)..], 1); // IN
        BinaryPrimitives.WriteUInt32BigEndian(target[(position + 4)..], record.Ttl);
        var data = position + 10;
        var end = data;
        if (!TryWriteData(record, target, ref end, names))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(target[(position + 8)..], (ushort)(end - data));
        position = end;
        return true;
    }

    private static bool TryWriteData(DnsRecord record, Span<byte> target, ref int position, Names names)
    {
        switch (record.Type)
        {
            case DnsType.A or DnsType.Aaaa:
                if (!record.Address!.TryWriteBytes(target[position..], out var length))
                {
                    return false;
                }

                position += length;
                return true;
            case DnsType.Cname or DnsType.Ptr or DnsType.Ns:
                return names.TryWrite(record.Target, target, ref position);
            case DnsType.Srv:
                if (position + 6 > target.Length)
                {
                    return false;
                }

                BinaryPrimitives.WriteUInt16BigEndian(target[position..], record.Priority);
                BinaryPrimitives.WriteUInt16BigEndian(target[(position + 2)..], record.Weight);
                BinaryPrimitives.WriteUInt16BigEndian(target[(position + 4)..], record.Port);
                position += 6;
                // RFC 2782: the target is not compressed.
                if (!DnsName.TryWrite(record.Target, target[position..], out var written))
                {
                    return false;
                }

                position += written;
                return true;
            case DnsType.Soa:
                return names.TryWrite(record.Target, target, ref position) && names.TryWrite(record.Mailbox, target, ref position)
                    && TryWriteNumbers(target, ref position, [1, 7200, 1800, 86400, record.Minimum]);
            case DnsType.Txt:
                var text = Encoding.UTF8.GetBytes(record.Text);
                if (text.Length > 255 || position + text.Length + 1 > target.Length)
                {
                    return false;
                }

                target[position++] = (byte)text.Length;
                text.CopyTo(target[position..]);
                position += text.Length;
                return true;
            default:
                return false;
        }
    }

    private static bool TryWriteNumbers(Span<byte> target, ref int position, ReadOnlySpan<uint> numbers)
    {
        foreach (var number in numbers)
        {
            if (!BinaryPrimitives.TryWriteUInt32BigEndian(target[position..], number))
            {
                return false;
            }

            position += 4;
        }

        return true;
    }

    // RFC 6891, section 6.1.2.
    private static void WriteOpt(Span<byte> target, DnsCode code)
    {
        target[..OptLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(target[1..], (ushort)DnsType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(target[3..], OwnPayload);
        target[5] = (byte)((int)code >> 4);
    }

    /// <summary>Where which name was written, so that it is written once.</summary>
    private sealed class Names
    {
        private readonly Dictionary<string, int> _known = new(StringComparer.OrdinalIgnoreCase);

        public void Remember(string name, int position)
        {
            while (name.Length > 0 && position < 0x4000)
            {
                _known.TryAdd(name, position);
                var label = LabelEnd(name);
                position += DnsName.Measure(name.AsSpan(0, label)) - 1;
                name = label == name.Length ? "" : name[(label + 1)..];
            }
        }

        public void Forget(int from)
        {
            foreach (var name in _known.Where(entry => entry.Value >= from).Select(entry => entry.Key).ToList())
            {
                _known.Remove(name);
            }
        }

        public bool TryWrite(string name, Span<byte> target, ref int position)
        {
            var start = position;
            var whole = name;
            while (name.Length > 0)
            {
                if (_known.TryGetValue(name, out var pointer))
                {
                    if (position + 2 > target.Length)
                    {
                        return false;
                    }

                    BinaryPrimitives.WriteUInt16BigEndian(target[position..], (ushort)(0xc000 | pointer));
                    position += 2;
                    Remember(whole, start);
                    return true;
                }

                var label = LabelEnd(name);
                if (!DnsName.TryWrite(name.AsSpan(0, label), target[position..], out var written))
                {
                    return false;
                }

                position += written - 1;
                name = label == name.Length ? "" : name[(label + 1)..];
            }

            if (position >= target.Length)
            {
                return false;
            }

            target[position++] = 0;
            Remember(whole, start);
            return true;
        }

        private static int LabelEnd(string name)
        {
            for (var i = 0; i < name.Length; i++)
            {
                if (name[i] == '\\')
                {
                    i++;
                }
                else if (name[i] == '.')
                {
                    return i;
                }
            }

            return name.Length;
        }
    }
}
