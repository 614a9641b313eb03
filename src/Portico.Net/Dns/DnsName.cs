using System.Text;

namespace Portico.Net.Dns;

/// <summary>Names on the wire: labels, and pointers to earlier ones (RFC 1035, sections 3.1 and 4.1.4).</summary>
public static class DnsName
{
    /// <summary>Bytes of a name on the wire, its last zero included.</summary>
    public const int MaxLength = 255;

    public const int MaxLabel = 63;

    /// <summary>
    /// Reads the name at <paramref name="position"/> as text with dots and no dot at the end; the root is empty. Dots and backslashes inside a label, and bytes that
    /// don't print, are escaped as in a zone file.
    /// </summary>
    /// <param name="position">Behind the name, when this returns true.</param>
    /// <returns>False: the message ends before the name, a label has an unknown kind, or a pointer does not go backwards.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int position, out string name)
    {
        name = "";
        var text = new StringBuilder();
        var (at, behind, length, bound) = (position, -1, 1, position);
        while (at < message.Length)
        {
            int size = message[at];
            switch (size & 0xc0)
            {
                case 0 when size == 0:
                    position = behind < 0 ? at + 1 : behind;
                    name = text.ToString();
                    return true;
                case 0:
                    length += size + 1;
                    if (at + 1 + size > message.Length || length > MaxLength)
                    {
                        return false;
                    }

                    Append(text, message.Slice(at + 1, size));
                    at += size + 1;
                    break;
                case 0xc0 when at + 1 < message.Length:
                    var target = ((size & 0x3f) << 8) | message[at + 1];
                    behind = behind < 0 ? at + 2 : behind;
                    // Every pointer goes further back than the one before, so there is no loop.
                    if (target >= bound)
                    {
                        return false;
                    }

                    (at, bound) = (target, target);
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    /// <summary>Length on the wire without compression; -1 when it is no name: a label is empty or too long, or the whole.</summary>
    public static int Measure(ReadOnlySpan<char> name)
    {
        Span<byte> wire = stackalloc byte[MaxLength];
        return TryWrite(name, wire, out var length) ? length : -1;
    }

    /// <returns>False: it is no name, or the target is too small.</returns>
    public static bool TryWrite(ReadOnlySpan<char> name, Span<byte> target, out int written)
    {
        written = 0;
        if (target.Length == 0)
        {
            return false;
        }

        var (start, position) = (0, 1);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '.')
            {
                if (!TryClose(target, start, position))
                {
                    return false;
                }

                (start, position) = (position, position + 1);
                continue;
            }

            if (!TryUnescape(name, ref i, out var value) || position >= target.Length || position >= MaxLength)
            {
                return false;
            }

            target[position++] = value;
        }

        if (name.Length == 0)
        {
            target[0] = 0;
            written = 1;
            return true;
        }

        if (!TryClose(target, start, position) || position >= target.Length || position >= MaxLength)
        {
            return false;
        }

        target[position++] = 0;
        written = position;
        return true;
    }

    private static bool TryClose(Span<byte> target, int start, int position)
    {
        var size = position - start - 1;
        if (size is 0 or > MaxLabel || start >= target.Length)
        {
            return false;
        }

        target[start] = (byte)size;
        return true;
    }

    private static bool TryUnescape(ReadOnlySpan<char> name, ref int i, out byte value)
    {
        value = (byte)name[i];
        if (name[i] > 0xff)
        {
            return false;
        }

        if (name[i] != '\\')
        {
            return true;
        }

        if (i + 3 < name.Length && char.IsAsciiDigit(name[i + 1]))
        {
            var parsed = byte.TryParse(name.Slice(i + 1, 3), out value);
            i += 3;
            return parsed;
        }

        if (++i >= name.Length || name[i] > 0xff)
        {
            return false;
        }

        value = (byte)name[i];
        return true;
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> label)
    {
        if (text.Length > 0)
        {
            text.Append('.');
        }

        foreach (var value in label)
        {
            if (value is (byte)'.' or (byte)'\\')
            {
                text.Append('\\').Append((char)value);
            }
            else if (value is > 0x20 and < 0x7f)
            {
                text.Append((char)value);
            }
            else
            {
                text.Append('\\').Append($"{value:d3}");
            }
        }
    }
}
