using System.Text.Json.Nodes;

namespace Portico.Server.Tests;

public sealed class WatchTests : IAsyncLifetime
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Watch_SelectorTransitions_AreAddedAndDeleted()
    {
        var version = await VersionAsync();
        await using var watch = await OpenAsync($"{ConfigMaps}?watch=1&labelSelector=tier%3Dfront&resourceVersion={version}");
        await _server.CreateAsync(ConfigMaps, VerbTests.ConfigMap("a", "back"));
        await LabelAsync("a", "front");
        Assert.Equal("ADDED a front", await watch.NextAsync());
        await _server.SendAsync("PATCH", $"{ConfigMaps}/a", JsonNode.Parse("""{"data":{"x":"y"}}"""), "application/merge-patch+json");
        Assert.Equal("MODIFIED a front", await watch.NextAsync());
        await LabelAsync("a", "back");
        Assert.Equal("DELETED a front", await watch.NextAsync());
        Assert.Equal(await VersionAsync(), watch.Version);
        await LabelAsync("a", "front");
        Assert.Equal("ADDED a front", await watch.NextAsync());
        await _server.SendAsync("DELETE", $"{ConfigMaps}/a");
        Assert.Equal("DELETED a front", await watch.NextAsync());
        Assert.Equal(await VersionAsync(), watch.Version);
    }

    [Fact]
    public async Task Watch_FromAPastVersion_ReplaysInOrder()
    {
        var version = await VersionAsync();
        await _server.CreateAsync(ConfigMaps, VerbTests.ConfigMap("a"));
        await _server.CreateAsync(ConfigMaps, VerbTests.ConfigMap("b"));
        await _server.SendAsync("DELETE", $"{ConfigMaps}/a");
        await using var watch = await OpenAsync($"{ConfigMaps}?watch=true&resourceVersion={version}");
        Assert.Equal("ADDED a none, ADDED b none, DELETED a none", $"{await watch.NextAsync()}, {await watch.NextAsync()}, {await watch.NextAsync()}");
    }

    [Fact]
    public async Task Watch_WithoutVersion_BeginsWithWhatIsThere_AndEndsByItself()
    {
        await _server.CreateAsync(ConfigMaps, VerbTests.ConfigMap("a"));
        await using var watch = await OpenAsync($"{ConfigMaps}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true");
        Assert.Equal("ADDED a none", await watch.NextAsync());
        await _server.CreateAsync("/api/v1/namespaces/default/secrets", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "elsewhere" } });
        Assert.StartsWith("BOOKMARK", await watch.NextAsync(), StringComparison.Ordinal);
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task Watch_InitialEvents_EndWithABookmarkThatSaysSo()
    {
        await _server.CreateAsync(ConfigMaps, VerbTests.ConfigMap("a"));
        await using var watch = await OpenAsync(
            $"{ConfigMaps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        Assert.Equal("ADDED a none", await watch.NextAsync());
        Assert.StartsWith("BOOKMARK", await watch.NextAsync(), StringComparison.Ordinal);
        Assert.Equal("true", (string)watch.Last!["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!);
        Assert.Equal(await VersionAsync(), watch.Version);
    }

    [Fact]
    public async Task Watch_TooOldOrUnknownVersion_Is410()
    {
        var version = await VersionAsync();
        Assert.Equal(410, (await _server.SendAsync("GET", $"{ConfigMaps}?watch=true&resourceVersion={long.Parse(version) + 1000}")).Code);
        Assert.Equal(400, (await _server.SendAsync("GET", $"{ConfigMaps}?watch=true&resourceVersion=abc")).Code);
    }

    [Fact]
    public async Task Watch_Table_BearsColumnsOnce()
    {
        await using var watch = await OpenAsync($"{ConfigMaps}?watch=true&resourceVersion={await VersionAsync()}", "application/json;as=Table;v=v1;g=meta.k8s.io");
        await _server.CreateAsync(ConfigMaps, VerbTests.ConfigMap("a"));
        await _server.CreateAsync(ConfigMaps, VerbTests.ConfigMap("b"));
        await watch.NextAsync();
        Assert.Equal(3, watch.Last!["object"]!["columnDefinitions"]!.AsArray().Count);
        await watch.NextAsync();
        Assert.Empty(watch.Last!["object"]!["columnDefinitions"]!.AsArray());
        Assert.Equal("b", (string)watch.Last!["object"]!["rows"]![0]!["cells"]![0]!);
    }

    [Fact]
    public async Task Stop_EndsOpenWatches()
    {
        await using var watch = await OpenAsync($"{ConfigMaps}?watch=true&resourceVersion={await VersionAsync()}");
        var stop = _server.Server.DisposeAsync().AsTask();
        Assert.Null(await watch.NextAsync());
        await stop.WaitAsync(TimeSpan.FromSeconds(5));
    }

    private async Task LabelAsync(string name, string tier) => await _server.SendAsync(
        "PATCH", $"{ConfigMaps}/{name}", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["tier"] = tier } } }, "application/merge-patch+json");

    private async Task<string> VersionAsync() => (string)(await _server.SendAsync("GET", ConfigMaps)).Body["metadata"]!["resourceVersion"]!;

    private async Task<WatchReader> OpenAsync(string path, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = new(2, 0) };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var response = await _server.Admin.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)response.StatusCode);
        return new(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    private sealed class WatchReader(HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
    {
        public JsonNode? Last { get; private set; }

        public string Version => (string)Last!["object"]!["metadata"]!["resourceVersion"]!;

        /// <summary>"TYPE name tier"; null at the end.</summary>
        public async Task<string?> NextAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            if (await reader.ReadLineAsync(patience.Token) is not { } line)
            {
                return null;
            }

            Last = JsonNode.Parse(line)!;
            var metadata = Last["object"]!["metadata"];
            return $"{(string)Last["type"]!} {(string?)metadata?["name"]} {(string?)metadata?["labels"]?["tier"]}".TrimEnd();
        }

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            response.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
