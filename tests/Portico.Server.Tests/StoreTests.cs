using Portico.Server.Store;

namespace Portico.Server.Tests;

public sealed class StoreTests
{
    private static readonly StoreKey Pod = new("pods", "a", "web");

    [Fact]
    public async Task Write_DiskRefuses_NothingIsChangedAndLaterWritesWork()
    {
        var file = new FakeObjectFile();
        await using var store = new ObjectStore(file, Stores.Resources);
        await store.PutAsync(Pod, "one");
        var before = store.Revision;
        file.Refusal = "the disk is full";

        var results = await Task.WhenAll(store.PutAsync(Pod, "two"), store.PutAsync(Pod with { Name = "other" }, "x"));

        Assert.All(results, result => Assert.Equal((StoreOutcome.Unavailable, "the disk is full"), (result.Outcome, result.Problem)));
        Assert.Equal((before, "one", 1), (store.Revision, store.Get(Pod)!.Value(), store.List("pods")!.Objects.Count));
        file.Refusal = null;
        Assert.Equal(StoreOutcome.Done, (await store.PutAsync(Pod, "three")).Outcome);
        Assert.Equal(before + 1, store.Revision);
    }

    [Fact]
    public async Task Write_ManyAtOnceOnOneObject_EachRevisionWinsOnce()
    {
        var file = new FakeObjectFile();
        await using var store = new ObjectStore(file, Stores.Resources);
        var created = await store.PutAsync(Pod, "0");

        var results = await Task.WhenAll(Enumerable.Range(1, 200).Select(i =>
            Task.Run(() => store.WriteAsync(new(Pod, created.Object!.Revision, Stores.Object(Pod, $"{i}"))))));

        Assert.Single(results, result => result.Outcome == StoreOutcome.Done);
        Assert.Equal(199, results.Count(result => result.Outcome == StoreOutcome.Conflict));
    }

    [Fact]
    public async Task Write_ManyWriters_ShareTheDisk()
    {
        var file = new FakeObjectFile();
        await using var store = new ObjectStore(file, Stores.Resources);

        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => store.PutAsync(Pod with { Name = $"n{i}" }, "x")));

        Assert.Equal(2000, store.List("pods")!.Objects.Count);
        Assert.True(file.Groups < 1000, $"{file.Groups} groups for 2000 writes");
    }

    [Fact]
    public async Task Watch_WaitsForTheNextChange_AndNotForOtherResources()
    {
        await using var store = new ObjectStore(new FakeObjectFile(), Stores.Resources);
        var cursor = store.Watch("pods", store.Revision)!;
        Assert.Null(cursor.Next());
        var waiting = cursor.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);

        await store.PutAsync(new("services", "a", "web"), "x");
        Assert.False(waiting.IsCompleted);
        await store.PutAsync(Pod, "y");
        await waiting;

        Assert.Equal("y", cursor.Next()!.After!.Value());
        Assert.Equal(store.Revision, cursor.Revision);
    }

    [Fact]
    public async Task Watch_ReaderFallsBehindTheLog_IsToldSo()
    {
        await using var store = new ObjectStore(new FakeObjectFile(), Stores.Resources);
        await store.PutAsync(Pod, "x");
        var start = store.Revision;
        var cursor = store.Watch("pods", start)!;

        await Task.WhenAll(Enumerable.Range(0, 5000).Select(i => store.PutAsync(Pod with { Name = $"n{i}" }, "x")));

        Assert.True(cursor.IsExpired);
        Assert.Null(store.Watch("pods", start));
        Assert.Null(store.List("pods", start));
        Assert.NotNull(store.Watch("services", start));
        Assert.NotNull(store.Watch("pods", store.Revision - 100));
    }

    [Fact]
    public void Open_SecondServer_IsRefused()
    {
        var directory = Directory.CreateTempSubdirectory("pt-server-");
        try
        {
            var path = Path.Combine(directory.FullName, "store.db");
            using var first = SqliteFile.Open(path);
            var refused = Assert.Throws<IOException>(() => SqliteFile.Open(path));
            Assert.Contains("another process has it open", refused.Message, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
        finally
        {
            directory.Delete(true);
        }
    }
}
