using Microsoft.Extensions.Logging.Abstractions;
using Portico.Addresses.Announcements;
using Portico.Addresses.Pools;
using Portico.Addresses.Tests.Allocations;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Events;
using static Portico.Addresses.Tests.Announcements.Cluster;

namespace Portico.Addresses.Tests.Announcements;

public sealed class AddressAnnouncerTests : IAsyncDisposable
{
    private readonly FakeServiceApi _api = new();
    private readonly ObjectCache<Service> _services = new();
    private readonly ObjectCache<EndpointSlice> _slices = new();
    private readonly ObjectCache<Node> _nodes = new();
    private readonly FakeAnnouncement[] _announcements = [new(), new()];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    [Fact]
    public async Task Run_TwoNodes_EachAddressOnOneOfThemAndMovesWhenItsNodeGoes()
    {
        Start();
        _services.Replace([.. Enumerable.Range(1, 9).Select(static i => Some.Service($"s{i}", has: $"10.0.0.{i}"))]);
        _slices.Replace([.. Enumerable.Range(1, 9).Select(static i => Slice($"s{i}", Ready("node1")))]);
        _nodes.Replace([Node("node1"), Node("node2")]);

        await Waiting.UntilAsync("9", () => $"{Count(0) + Count(1)}");
        var (first, second) = (_announcements[0].Announced, _announcements[1].Announced);
        Assert.NotEqual("", first);
        Assert.NotEqual("", second);
        _nodes.Set(Newer(Node("node2", "Unknown")));

        await Waiting.UntilAsync("9 0", () => $"{Count(0)} {Count(1)}");
        _nodes.Set(Node("node2"));
        await Waiting.UntilAsync(first, () => _announcements[0].Announced);
        await Waiting.UntilAsync(second, () => _announcements[1].Announced);
    }

    [Fact]
    public async Task Run_ListsNotComplete_NothingIsAnnounced()
    {
        Start();
        _nodes.Replace([Node("node1")]);
        _services.Replace([Some.Service("web", has: "10.0.0.1")]);
        _slices.Set(Slice("web", Ready("node1")));
        await Task.Delay(50);
        Assert.Equal("", _announcements[0].Announced);

        _slices.Replace([Slice("web", Ready("node1"))]);

        await Waiting.UntilAsync("10.0.0.1", () => _announcements[0].Announced);
    }

    [Fact]
    public async Task Run_EndpointsAndServiceComeAndGo_SoDoesTheAnnouncement()
    {
        Start();
        _nodes.Replace([Node("node1")]);
        _services.Replace([Some.Service("web", has: "10.0.0.1")]);
        _slices.Replace([Slice("web", Ready("node1"))]);
        await Waiting.UntilAsync("10.0.0.1", () => _announcements[0].Announced);
        await Waiting.UntilAsync("Normal AddressAnnounced web: 10.0.0.1 is announced by node node1", () => string.Join('\n', _api.Events));

        _slices.Set(Newer(Slice("web", NotReady("node1"))));
        await Waiting.UntilAsync("", () => _announcements[0].Announced);
        _slices.Set(Slice("web", Ready("node1")));
        await Waiting.UntilAsync("10.0.0.1", () => _announcements[0].Announced);
        _services.Remove(new ObjectKey("shop", "web"));

        await Waiting.UntilAsync("", () => _announcements[0].Announced);
    }

    [Fact]
    public async Task Run_StatusShowsAnAddressOutsideThePool_IsNotAnnounced()
    {
        Start();
        _nodes.Replace([Node("node1")]);
        _services.Replace([Some.Service("spoofed", has: "10.0.1.1"), Some.Service("web", has: "10.0.0.1")]);
        _slices.Replace([Slice("spoofed", Ready("node1")), Slice("web", Ready("node1"))]);

        await Waiting.UntilAsync("10.0.0.1", () => _announcements[0].Announced);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).WaitAsync(TimeSpan.FromSeconds(10));
        _stop.Dispose();
        _api.Dispose();
    }

    private static Node Newer(Node node) => node with { Metadata = node.Metadata with { ResourceVersion = "2" } };

    private static EndpointSlice Newer(EndpointSlice slice) => slice with { Metadata = slice.Metadata with { ResourceVersion = "2" } };

    private int Count(int node) => _announcements[node].Announced.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    private void Start()
    {
        for (var i = 0; i < _announcements.Length; i++)
        {
            var events = new EventRecorder(_api.Client, "test", null, NullLogger.Instance, TimeProvider.System);
            var options = new AnnouncerOptions { NodeName = $"node{i + 1}", Pool = AddressPool.Parse("10.0.0.0/24") };
            var announcer = new AddressAnnouncer(
                _services, _slices, _nodes, options, _announcements[i], events, NullLoggerFactory.Instance, TimeProvider.System);
            _running.Add(announcer.RunAsync(_stop.Token));
            _running.Add(events.RunAsync(_stop.Token));
        }
    }
}
