using System.Globalization;
using System.Text;

namespace Portico.Node.Logs;

/// <summary>Copies the part of a log that is asked for, and what is added to it while somebody follows.</summary>
internal sealed class LogReader(string log, string times, LogQuery query, TimeProvider time)
{
    private const int BufferSize = 16 * 1024;
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(100);

    private long _left = query.LimitBytes ?? long.MaxValue;
    private bool _lineBegins = true;

    /// <param name="ended">Whether the container that writes the log has ended.</param>
    public async Task CopyAsync(Stream to, Func<bool> ended, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        var known = LogTimes.Read(times);
        file.Position = Start(file, known);
        while (_left > 0)
        {
            // Asked before reading: what was written before the end is read after it.
            var last = ended();
            await CopyNewAsync(file, known, to, cancellationToken);
            if (!query.Follow || last)
            {
                return;
            }

            await to.FlushAsync(cancellationToken);
            await Task.Delay(FollowInterval, time, cancellationToken);
            if (file.Length > file.Position && query.Timestamps)
            {
                known = LogTimes.Read(times);
            }
        }
    }

    private async Task CopyNewAsync(FileStream file, LogTimes known, Stream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (_left > 0)
        {
            var offset = file.Position;
            var read = await file.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return;
            }

            if (query.Timestamps)
            {
                await WriteAsync(to, Stamp(buffer.AsSpan(0, read), offset, known), cancellationToken);
            }
            else
            {
                await WriteAsync(to, buffer.AsMemory(0, read), cancellationToken);
            }
        }
    }

    private ReadOnlyMemory<byte> Stamp(ReadOnlySpan<byte> bytes, long offset, LogTimes known)
    {
        using var stamped = new MemoryStream(bytes.Length * 2);
        while (!bytes.IsEmpty)
        {
            if (_lineBegins)
            {
                var at = known.At(offset, time.GetUtcNow()).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z '", CultureInfo.InvariantCulture);
                stamped.Write(Encoding.ASCII.GetBytes(at));
            }

            var feed = bytes.IndexOf((byte)'\n');
            var length = feed < 0 ? bytes.Length : feed + 1;
            stamped.Write(bytes[..length]);
            _lineBegins = feed >= 0;
            offset += length;
            bytes = bytes[length..];
        }

        return stamped.ToArray();
    }

    private async Task WriteAsync(Stream to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var length = (int)Math.Min(_left, bytes.Length);
        await to.WriteAsync(bytes[..length], cancellationToken);
        _left -= length;
    }

    private long Start(FileStream file, LogTimes known)
    {
        var start = SkipReleased(file);
        if (query.Since is { } since)
        {
            start = Math.Max(start, known.Since(since));
        }

        return query.TailLines is { } lines ? Math.Max(start, TailStart(file, lines, start)) : start;
    }

    // Space that was given back reads as zeros; a log begins with the first whole line after it.
    private static long SkipReleased(FileStream file)
    {
        var buffer = new byte[BufferSize];
        long position = 0;
        var released = false;
        while (RandomAccess.Read(file.SafeFileHandle, buffer, position) is > 0 and var read)
        {
            var zeros = released || buffer[0] == 0 ? buffer.AsSpan(0, read).IndexOfAnyExcept((byte)0) : 0;
            if (zeros < 0)
            {
                released = true;
                position += read;
                continue;
            }

            if (!released && zeros == 0)
            {
                return 0;
            }

            var feed = buffer.AsSpan(zeros, read - zeros).IndexOf((byte)'\n');
            return position + (feed < 0 ? zeros : zeros + feed + 1);
        }

        return position;
    }

    private static long TailStart(FileStream file, long lines, long start)
    {
        var end = file.Length;
        if (lines == 0)
        {
            return end;
        }

        var buffer = new byte[BufferSize];
        var position = end;
        // The feed that ends the last line begins no other.
        var feeds = -1L;
        while (position > start)
        {
            var length = (int)Math.Min(BufferSize, position - start);
            position -= length;
            var read = RandomAccess.Read(file.SafeFileHandle, buffer.AsSpan(0, length), position);
            for (var i = read - 1; i >= 0; i--)
            {
                if (position + i == end - 1 && buffer[i] != '\n')
                {
                    feeds = 0;
                }

                if (buffer[i] == '\n' && ++feeds == lines)
                {
                    return position + i + 1;
                }
            }
        }

        return start;
    }
}
