using Portico.Server.Store;

namespace Portico.Server.Tests;

/// <summary>A real file system that is full.</summary>
public sealed class DiskFullTests
{
    [Fact]
    [Trait("Category", "Root")]
    public async Task Write_DiskIsFull_IsRefusedWithClearWordsAndNothingAcknowledgedIsLost()
    {
        Assert.SkipUnless(Environment.UserName == "root", "mounting a tmpfs needs root");
        var directory = Directory.CreateTempSubdirectory("pt-server-full-").FullName;
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "none", directory);
        try
        {
            var done = new List<string>();
            StoreResult refused = default;
            await using (var store = Open(directory))
            {
                for (var i = 0; refused.Outcome == StoreOutcome.Done && i < 1000; i++)
                {
                    refused = await store.PutAsync(new("pods", "a", $"n{i}"), new string('x', 8000));
                    if (refused.Outcome == StoreOutcome.Done)
                    {
                        done.Add($"n{i}");
                    }
                }

                Assert.Equal(StoreOutcome.Unavailable, refused.Outcome);
                Assert.Contains("the disk is full", refused.Problem, StringComparison.Ordinal);
                Assert.Equal(done.Count, store.List("pods")!.Objects.Count);
            }

            await RunAsync("mount", "-o", "remount,size=8m", directory);
            await using var again = Open(directory);
            Assert.All(done, name => Assert.NotNull(again.Get(new("pods", "a", name))));
            Assert.Equal(StoreOutcome.Done, (await again.PutAsync(new("pods", "a", "after"), "x")).Outcome);
        }
        finally
        {
            await RunAsync("umount", directory);
            Directory.Delete(directory, true);
        }
    }

    private static ObjectStore Open(string directory) => new(SqliteFile.Open(Path.Combine(directory, "store.db")), Stores.Resources);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
