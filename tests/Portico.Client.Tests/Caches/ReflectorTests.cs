using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Requests;
using Portico.Testing.ApiServers;

namespace Portico.Client.Tests.Caches;

public sealed class ReflectorTests : IAsyncDisposable
{
    private readonly FakeApiServer _api = new();
    private readonly SteppingTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private Reflector<ConfigMap> _reflector = null!;
    private Task _running = Task.CompletedTask;

    private static string List => "GET /api/v1/configmaps";

    private static string Watch => "WATCH /api/v1/configmaps";

    [Fact]
    public async Task Run_ListsThenFollows()
    {
        Put("a", "1");
        Start();
        await UntilAsync(all => all.Count == 1, "the list");
        Put("b", "1");
        Put("a", "2");
        _api.Remove(KnownKinds.ConfigMaps, "default", "b");
        await UntilAsync(all => all.Count == 1 && all.First().Data["x"] == "2", "the changes");
        Assert.Equal([List, Watch], _api.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_WatchBreaks_ResumesWithoutANewListAndMissesNothing(bool cleanly)
    {
        Put("a", "1");
        Start();
        Put("b", "1");
        await UntilAsync(all => all.Count == 2, "the first objects");
        await WatchingAsync();
        _api.Fault = request => throw new HttpRequestException("refused");
        Assert.Equal(1, _api.EndWatches(cleanly ? null : new IOException("reset")));
        Put("c", "1");
        _api.Remove(KnownKinds.ConfigMaps, "default", "a");

        // The watch that had brought something is asked for again at once; the refused ones after growing pauses.
        Assert.Equal(TimeSpan.FromMilliseconds(50), await _time.StepAsync());
        Assert.Equal(TimeSpan.FromMilliseconds(100), await _time.StepAsync());
        var third = await _time.NextTimerAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(200), third);
        _api.Fault = null;
        _time.Advance(third);

        await UntilAsync(all => all.Select(item => item.Metadata.Name).Order().SequenceEqual(["b", "c"]), "what happened meanwhile");
        Assert.Single(_api.Requests, request => request == List);
    }

    [Fact]
    public async Task Run_VersionTooOld_ListsAgainAndReportsTheDeleted()
    {
        Put("a", "1");
        Put("b", "1");
        Start();
        await UntilAsync(all => all.Count == 2, "the list");
        var deleted = new List<string>();
        _reflector.Cache.Changed += change =>
        {
            if (change.New is null)
            {
                deleted.Add(change.Key.Name);
            }
        };
        await WatchingAsync();
        deleted.Clear();
        _api.Fault = request => throw new HttpRequestException("refused");
        _api.EndWatches();
        var pause = await _time.NextTimerAsync();
        _api.Remove(KnownKinds.ConfigMaps, "default", "a");
        _api.Compact();
        Put("c", "1");
        _api.Compact();
        _api.Fault = null;
        _time.Advance(pause);

        await UntilAsync(all => all.Select(item => item.Metadata.Name).Order().SequenceEqual(["b", "c"]), "the second list");
        Assert.Equal(["a"], deleted);
        Assert.Equal(2, _api.Requests.Count(request => request == List));
    }

    [Fact]
    public async Task Run_ReplacedUnderTheSameNameWhileNobodyWatched_ReportsBoth()
    {
        var old = Put("a", "1");
        Start();
        await UntilAsync(all => all.Count == 1, "the list");
        await WatchingAsync();
        _api.Fault = request => throw new HttpRequestException("refused");
        _api.EndWatches();
        var pause = await _time.NextTimerAsync();
        var changes = new List<(string? Old, string? New)>();
        _reflector.Cache.Changed += change => changes.Add((change.Old?.Metadata.Uid, change.New?.Metadata.Uid));
        _api.Remove(KnownKinds.ConfigMaps, "default", "a");
        var now = Put("a", "2");
        _api.Compact();
        _api.Fault = null;
        _time.Advance(pause);

        await UntilAsync(all => all.Any(item => item.Metadata.Uid == now.Metadata.Uid), "the new object");
        Assert.Equal([(old.Metadata.Uid, null), (null, now.Metadata.Uid)], changes);
    }

    [Fact]
    public async Task Run_Bookmark_MovesWhereTheWatchIsResumed()
    {
        Put("a", "1");
        Start();
        await UntilAsync(all => all.Count == 1, "the list");
        await WatchingAsync();
        _api.Bookmark(KnownKinds.ConfigMaps.Resource);
        var from = new TaskCompletionSource<string>();
        _api.Fault = request =>
        {
            from.TrySetResult(request.RequestUri!.Query);
            return null;
        };
        _api.EndWatches();

        var query = await from.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        // The object is version 101, the probe 102 and 103, the bookmark 104.
        Assert.Contains("resourceVersion=104", query, StringComparison.Ordinal);
        Assert.Contains("allowWatchBookmarks=true", query, StringComparison.Ordinal);
        Assert.Equal(104, _reflector.Cache.Version);
    }

    [Fact]
    public async Task Run_NothingListens_AsksWithGrowingPausesUntilItDoes()
    {
        Put("a", "1");
        _api.Fault = request => throw new HttpRequestException("refused");
        Start();
        var pauses = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            pauses.Add((await _time.StepAsync()).TotalMilliseconds);
        }

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000], pauses);
        _api.Fault = null;
        await _time.StepAsync();
        await UntilAsync(all => all.Count == 1, "the list");
    }

    [Theory]
    [InlineData("no json\n")]
    [InlineData("{\"type\":\"ADDED\"}\n")]
    [InlineData("[]\n")]
    [InlineData("{\"type\":\"SURPRISE\",\"object\":{}}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":null}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":7}}\n")]
    public async Task Run_LineThatCannotBeRead_ListsAgain(string line)
    {
        Put("a", "1");
        var served = false;
        _api.Fault = request =>
        {
            if (served || !request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
            {
                return null;
            }

            served = true;
            Put("b", "1");
            return new(HttpStatusCode.OK) { Content = new StringContent(line, Encoding.UTF8) };
        };
        Start();
        await _time.StepAsync();
        await UntilAsync(all => all.Count == 2, "the second list");
        Assert.Equal(2, _api.Requests.Count(request => request == List));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task Run_KindMayBeAbsent_EmptyUntilItCanBeRead(HttpStatusCode refusal)
    {
        Put("a", "1");
        _api.Fault = _ => new(refusal) { Content = new StringContent("{}") };
        Start(mayBeAbsent: true);

        await _reflector.Cache.Synced.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(_reflector.Cache.Items);
        var pause = await _time.NextTimerAsync();
        Assert.Equal(TimeSpan.FromMinutes(5), pause);
        _api.Fault = null;
        _time.Advance(pause);
        await UntilAsync(all => all.Count == 1, "the list");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _api.Dispose();
    }

    private void Start(bool mayBeAbsent = false)
    {
        _reflector = new(_api.Client, KnownKinds.ConfigMaps, ListOptions.All, NullLogger.Instance, _time) { MayBeAbsent = mayBeAbsent };
        _running = Task.Run(() => _reflector.RunAsync(_stop.Token), TestContext.Current.CancellationToken);
    }

    private ConfigMap Put(string name, string value) => _api.Put(
        KnownKinds.ConfigMaps,
        new ConfigMap { Metadata = new() { Namespace = "default", Name = name }, Data = new Dictionary<string, string> { ["x"] = value } });

    private Task UntilAsync(Func<IReadOnlyCollection<ConfigMap>, bool> condition, string what) => Watching.UntilAsync(_reflector.Cache, condition, what);

    // A change that arrives proves that the watch is open; it leaves the cache as it was.
    private async Task WatchingAsync()
    {
        Put("probe", "1");
        await UntilAsync(all => all.Any(item => item.Metadata.Name == "probe"), "the watch");
        _api.Remove(KnownKinds.ConfigMaps, "default", "probe");
        await UntilAsync(all => all.All(item => item.Metadata.Name != "probe"), "the watch");
    }
}
