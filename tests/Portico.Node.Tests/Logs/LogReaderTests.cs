using System.Text;
using Portico.Node.Logs;

namespace Portico.Node.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("pt-node-logs").FullName;

    private string Log => Path.Combine(_directory, "0.log");

    private string Times => Path.Combine(_directory, "0.times");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(null, "one\ntwo\nthree\n")]
    [InlineData(0L, "")]
    [InlineData(1L, "three\n")]
    [InlineData(2L, "two\nthree\n")]
    [InlineData(9L, "one\ntwo\nthree\n")]
    public async Task Copy_TailLines_AreTheLast(long? lines, string expected)
    {
        File.WriteAllText(Log, "one\ntwo\nthree\n");
        Assert.Equal(expected, await CopyAsync(new() { TailLines = lines }));
    }

    [Fact]
    public async Task Copy_LastLineHasNoEnd_CountsAsALine()
    {
        File.WriteAllText(Log, "one\ntwo\nthr");
        Assert.Equal("two\nthr", await CopyAsync(new() { TailLines = 2 }));
    }

    [Fact]
    public async Task Copy_TailOfALargeLog_IsFoundAcrossBuffers()
    {
        File.WriteAllLines(Log, Enumerable.Range(0, 20000).Select(i => $"line {i}"));
        Assert.Equal(string.Concat(Enumerable.Range(12000, 8000).Select(i => $"line {i}\n")), await CopyAsync(new() { TailLines = 8000 }));
    }

    [Fact]
    public async Task Copy_SinceAndTimestamps_FollowTheNotes()
    {
        File.WriteAllText(Log, "one\ntwo\nthree\n");
        LogTimes.Append(Times, 4, Time);
        LogTimes.Append(Times, 14, Time.AddSeconds(10));
        Assert.Equal(
            "2026-01-02T03:04:05.000000000Z one\n2026-01-02T03:04:15.000000000Z two\n2026-01-02T03:04:15.000000000Z three\n",
            await CopyAsync(new() { Timestamps = true }));
        Assert.Equal("two\nthree\n", await CopyAsync(new() { Since = Time.AddSeconds(5) }));
        Assert.Equal("", await CopyAsync(new() { Since = Time.AddSeconds(11) }));
    }

    [Fact]
    public async Task Copy_LimitBytes_CutsThere()
    {
        File.WriteAllText(Log, "one\ntwo\n");
        Assert.Equal("one\nt", await CopyAsync(new() { LimitBytes = 5 }));
    }

    [Fact]
    public async Task Copy_OldestPartWasGivenBack_BeginsAtAWholeLine()
    {
        File.WriteAllText(Log, new string('\0', 40960) + "half a line\nwhole\n");
        Assert.Equal("whole\n", await CopyAsync(new()));
    }

    [Fact]
    public async Task Copy_Follow_SeesWhatIsAddedUntilTheEnd()
    {
        File.WriteAllText(Log, "one\n");
        var asked = 0;
        Assert.Equal("one\ntwo\n", await CopyAsync(new() { Follow = true }, () =>
        {
            if (++asked == 2)
            {
                File.AppendAllText(Log, "two\n");
            }

            return asked == 2;
        }));
    }

    private async Task<string> CopyAsync(LogQuery query, Func<bool>? ended = null)
    {
        using var to = new MemoryStream();
        await new LogReader(Log, Times, query, TimeProvider.System).CopyAsync(to, ended ?? (() => true), CancellationToken.None);
        return Encoding.UTF8.GetString(to.ToArray());
    }
}
