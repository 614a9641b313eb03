using System.Runtime.CompilerServices;

namespace Portico.Client.Requests;

/// <summary>Splits a stream at line feeds. A line lives until the next one is asked for.</summary>
internal static class JsonLines
{
    // Far above any object that an API server accepts (etcd's limit is 1.5 MB).
    private const int MaxLine = 64 * 1024 * 1024;

    public static IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream stream, CancellationToken cancellationToken) =>
        ReadAsync(stream, MaxLine, cancellationToken);

    /// <exception cref="InvalidDataException">A line is longer than <paramref name="maxLine"/> bytes.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Stream stream, int maxLine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var start = 0;
        var end = 0;
        while (true)
        {
            var scanned = start;
            int feed;
            while ((feed = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n')) >= 0)
            {
                feed += scanned;
                if (feed > start)
                {
                    yield return buffer.AsMemory(start, feed - start);
                }

                start = scanned = feed + 1;
            }

            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }

            if (end == buffer.Length)
            {
                if (buffer.Length >= maxLine)
                {
                    throw new InvalidDataException($"watch: a line is longer than {maxLine} bytes");
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
            if (read == 0)
            {
                yield break;
            }

            end += read;
        }
    }
}
