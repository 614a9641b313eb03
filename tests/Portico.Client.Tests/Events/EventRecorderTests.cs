using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Events;
using Portico.Client.Requests;
using Portico.Testing.ApiServers;

namespace Portico.Client.Tests.Events;

public sealed class EventRecorderTests
{
    [Fact]
    public async Task Record_SameAgain_RaisesTheCountAndRefusalStopsNothing()
    {
        using var api = new FakeApiServer();
        using var stop = new CancellationTokenSource();
        var recorder = new EventRecorder(api.Client, "tester", null, NullLogger.Instance, new SteppingTime());
        var events = new Reflector<Event>(api.Client, KnownKinds.Events, ListOptions.All, NullLogger.Instance);
        var pod = new Pod { Metadata = new() { Namespace = "shop", Name = "web", Uid = "u1" } };
        var node = new Node { Metadata = new() { Name = "node1", Uid = "u2" } };
        var refused = 0;
        api.Fault = request => request.Method == HttpMethod.Post && refused++ == 0 ? throw new HttpRequestException("refused") : null;
        recorder.Normal(pod, "Lost", "the API server is away");
        recorder.Normal(pod, "Created", "made it");
        recorder.Normal(pod, "Created", "made it");
        recorder.Warning(pod, "Created", "made it");
        recorder.Normal(node, "Ready", "is so");
        var running = Task.WhenAll(recorder.RunAsync(stop.Token), events.RunAsync(stop.Token));

        await Watching.UntilAsync(
            events.Cache,
            all => all.Count == 3 && all.Any(item => item is { Type: "Normal", Reason: "Created", Count: 2 }),
            "three events, one of them counted twice",
            item => $"{item.Type} {item.Reason} {item.Count}");
        Assert.Equal("default", events.Cache.Items.Single(item => item.Reason == "Ready").Metadata.Namespace);
        Assert.Equal("shop", events.Cache.Items.First(item => item.Reason == "Created").Metadata.Namespace);

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Complete_WhatWasRecordedIsWritten()
    {
        using var api = new FakeApiServer();
        var recorder = new EventRecorder(api.Client, "tester", null, NullLogger.Instance, new SteppingTime());
        recorder.Warning(new Node { Metadata = new() { Name = "node1", Uid = "u2" } }, "Last", "word");

        recorder.Complete();
        await recorder.RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("Last", Assert.Single(api.List(KnownKinds.Events)).Reason);
    }
}
