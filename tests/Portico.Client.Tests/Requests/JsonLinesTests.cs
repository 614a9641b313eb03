using System.Text;
using CsCheck;
using Portico.Client.Requests;

namespace Portico.Client.Tests.Requests;

public sealed class JsonLinesTests
{
    [Fact]
    public void Read_AnyChunks_GivesTheSameLines() =>
        Gen.Select(Gen.String[Gen.Char["ab{}\"ü"], 0, 30].Array[0, 20], Gen.Int[1, 9]).Sample((lines, chunk) =>
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
            var read = Read(new ChunkedStream(bytes, chunk), 1 << 20);
            return read.SequenceEqual(lines.Where(line => line.Length > 0));
        });

    [Fact]
    public void Read_LineLongerThanTheBuffer_IsWhole()
    {
        var line = new string('x', 100_000);
        Assert.Equal([line, "y"], Read(new ChunkedStream(Encoding.UTF8.GetBytes($"{line}\ny\n"), 4096), 1 << 20));
    }

    [Fact]
    public void Read_LineWithoutEnd_IsGivenUp() => Assert.Throws<InvalidDataException>(() => Read(new EndlessStream(), 1 << 20));

    [Fact]
    public void Read_LastLineCutOff_IsLeftOut() => Assert.Equal(["a"], Read(new ChunkedStream("a\nb"u8.ToArray(), 3), 1 << 20));

    private static List<string> Read(Stream stream, int maxLine)
    {
        var lines = new List<string>();
        foreach (var line in JsonLines.ReadAsync(stream, maxLine, TestContext.Current.CancellationToken).ToBlockingEnumerable())
        {
            lines.Add(Encoding.UTF8.GetString(line.Span));
        }

        return lines;
    }

    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(chunk, buffer.Length)], cancellationToken);
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
