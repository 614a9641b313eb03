using System.Buffers.Binary;

namespace Portico.Node.Logs;

/// <summary>
/// When which part of a log was written. Containers write their logs themselves, so that no line is lost or held up while no agent runs; the agent
/// notes, twice a second, how long each log was at what time.
/// </summary>
internal sealed class LogTimes
{
    private const int EntrySize = 16;

    private readonly List<(long Length, DateTimeOffset At)> _entries = [];

    public static LogTimes Read(string file)
    {
        var times = new LogTimes();
        var bytes = File.Exists(file) ? File.ReadAllBytes(file) : [];
        for (var i = 0; i + EntrySize <= bytes.Length; i += EntrySize)
        {
            times._entries.Add((
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i)),
                new(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i + 8)), TimeSpan.Zero)));
        }

        return times;
    }

    public static void Append(string file, long length, DateTimeOffset at)
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        BinaryPrimitives.WriteInt64LittleEndian(entry, length);
        BinaryPrimitives.WriteInt64LittleEndian(entry[8..], at.UtcTicks);
        using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        stream.Write(entry);
    }

    /// <summary>When the byte at <paramref name="offset"/> was seen first; <paramref name="now"/> when it is newer than every note.</summary>
    public DateTimeOffset At(long offset, DateTimeOffset now)
    {
        var index = FirstWhere(entry => entry.Length > offset);
        return index < _entries.Count ? _entries[index].At : now;
    }

    /// <summary>Where what was written since begins.</summary>
    public long Since(DateTimeOffset since)
    {
        var index = FirstWhere(entry => entry.At >= since);
        return index == 0 ? 0 : _entries[index - 1].Length;
    }

    private int FirstWhere(Func<(long Length, DateTimeOffset At), bool> matches)
    {
        var (low, high) = (0, _entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (matches(_entries[middle]))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
