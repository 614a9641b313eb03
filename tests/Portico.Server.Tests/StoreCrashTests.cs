using System.Diagnostics;
using Portico.Server.Store;

namespace Portico.Server.Tests;

/// <summary>kill -9 in the middle of writes: whatever was acknowledged is there afterwards.</summary>
public sealed class StoreCrashTests
{
    private const string DirectoryVariable = "PORTICO_CRASH_TEST_DIRECTORY";

    [Fact]
    public async Task Kill_DuringWrites_EverythingAcknowledgedIsThere()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(DirectoryVariable) is not null, "this is the child");
        var directory = Directory.CreateTempSubdirectory("pt-server-crash-");
        try
        {
            var acknowledged = new Dictionary<string, string>();
            for (var round = 0; round < 3; round++)
            {
                await RunUntilKilledAsync(directory.FullName, 40 + (round * 37));
                foreach (var line in File.ReadLines(Path.Combine(directory.FullName, "acknowledged")))
                {
                    // The last line may be cut.
                    if (line.Split(' ') is [var name, var value, "."])
                    {
                        acknowledged[name] = value;
                    }
                }

                await using var store = new ObjectStore(SqliteFile.Open(Path.Combine(directory.FullName, "store.db")), Stores.Resources);
                Assert.True(acknowledged.Count > 20, $"only {acknowledged.Count} writes were acknowledged");
                foreach (var (name, value) in acknowledged)
                {
                    var stored = store.Get(new("pods", "a", name));
                    Assert.True(stored is not null, $"{name} is lost");
                    Assert.True(long.Parse(stored.Value()) >= long.Parse(value), $"{name}: {stored.Value()} is older than {value}");
                    Assert.True(stored.Revision <= store.Revision, $"{name}: revision {stored.Revision} beyond {store.Revision}");
                }
            }
        }
        finally
        {
            directory.Delete(true);
        }
    }

    /// <summary>The child: writes until it is killed.</summary>
    [Fact]
    public async Task Child()
    {
        var directory = Environment.GetEnvironmentVariable(DirectoryVariable);
        Assert.SkipWhen(directory is null, "only as the child of the other test");
        await using var store = new ObjectStore(SqliteFile.Open(Path.Combine(directory!, "store.db")), Stores.Resources);
        await using var log = new FileStream(Path.Combine(directory!, "acknowledged"), FileMode.Append, FileAccess.Write, FileShare.Read, 0);
        var gate = new Lock();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = store.Revision; !end.IsCancellationRequested; i++)
            {
                var name = $"w{writer}-{i % 20}";
                await store.PutAsync(new("pods", "a", name), $"{i}");
                lock (gate)
                {
                    log.Write(System.Text.Encoding.ASCII.GetBytes($"{name} {i} .\n"));
                }
            }
        })));
    }

    private static async Task RunUntilKilledAsync(string directory, int lines)
    {
        var file = Path.Combine(directory, "acknowledged");
        var before = File.Exists(file) ? File.ReadLines(file).Count() : 0;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--filter-method", $"{typeof(StoreCrashTests).FullName}.{nameof(Child)}"])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[DirectoryVariable] = directory;
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(50));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!child.HasExited && (!File.Exists(file) || File.ReadLines(file).Count() < before + lines))
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }

        Assert.False(child.HasExited, "the child ended by itself");
        child.Kill();
        await child.WaitForExitAsync(patience.Token);
        await output;
    }
}
