using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Addresses.Allocations;
using Portico.Addresses.Pools;
using Portico.Addresses.Services;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Events;
using Portico.Client.Requests;
using Portico.EndToEnd.Clusters;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Addresses;

/// <summary>The allocator and the embedded API server: what one writes, the other has to take.</summary>
public sealed class AllocatorTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _first = new();
    private readonly CancellationTokenSource _stop = new();
    private EmbeddedServer _server = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedServer.StartAsync();
        _running = RunAllocatorAsync(_first.Token);
    }

    [Fact]
    public async Task Service_FromCreationToDeletion_AddressIsItsOwnAndThenFree()
    {
        await CreateAsync("web");
        var web = await UntilAsync("web", static service => service is { Address: not null, Metadata.Finalizers.Count: > 0 });
        Assert.Equal("10.77.0.1", web!.Address.ToString());
        Assert.Equal("VIP", Assert.Single(web!.Status.LoadBalancer.Ingress).IpMode);
        await CreateAsync("full");
        var full = await UntilAsync("full", static service => service?.AllocationCondition is not null);
        var condition = full!.AllocationCondition!;
        Assert.Contains("all 1 addresses of the pool 10.77.0.1 are in use", condition.Message, StringComparison.Ordinal);

        var gone = await _server.Client.DeleteAsync(KnownKinds.Services.Resource, Key("web"), null, null, CancellationToken.None);
        Assert.NotEqual("Failure", gone.Outcome);

        await UntilAsync("web", static service => service is null);
        var next = await UntilAsync("full", static service => service?.Address is not null);
        Assert.Equal("True", next!.AllocationCondition?.Status);
    }

    [Fact]
    public async Task Service_TurnsToClusterIP_NothingOfOursStays()
    {
        await CreateAsync("web");
        await UntilAsync("web", static service => service is { Address: not null, Metadata.Finalizers.Count: > 0 });

        var patch = new JsonObject { ["spec"] = new JsonObject { ["type"] = "ClusterIP" } };
        (await _server.Client.PatchAsync(KnownKinds.Services, Key("web"), PatchType.Merge, patch, null, CancellationToken.None)).OrThrow();

        await UntilAsync("web", static service => service is { Address: null, IsMarked: false, Metadata.Finalizers.Count: 0 });
    }

    [Fact]
    public async Task Allocator_Restarted_WritesNothingAndKeepsTheAddress()
    {
        await CreateAsync("web");
        var before = await UntilAsync("web", static service => service is { Address: not null, Metadata.Finalizers.Count: > 0 });
        await _first.CancelAsync();
        await _running;
        _running = RunAllocatorAsync(_stop.Token);

        // Its first pass is over when it has answered for a Service that came later.
        await CreateAsync("late");
        await UntilAsync("late", static service => service?.AllocationCondition is not null);

        var after = await UntilAsync("web", static _ => true);
        Assert.Equal(before!.Metadata.ResourceVersion, after!.Metadata.ResourceVersion);
    }

    public async ValueTask DisposeAsync()
    {
        await _first.CancelAsync();
        await _stop.CancelAsync();
        await _running;
        await _server.DisposeAsync();
        _first.Dispose();
        _stop.Dispose();
    }

    private static ObjectKey Key(string name) => new("default", name);

    private async Task RunAllocatorAsync(CancellationToken cancellationToken)
    {
        var services = new Reflector<Service>(_server.Client, KnownKinds.Services, ListOptions.All, NullLogger.Instance);
        var events = new EventRecorder(_server.Client, "test", null, NullLogger.Instance, TimeProvider.System);
        var allocator = new AddressAllocator(
            _server.Client, services.Cache, AddressPool.Parse("10.77.0.1"), events, NullLoggerFactory.Instance, TimeProvider.System);
        await Task.WhenAll(services.RunAsync(cancellationToken), events.RunAsync(cancellationToken), allocator.RunAsync(cancellationToken));
    }

    private async Task CreateAsync(string name)
    {
        var service = new Service
        {
            Metadata = new() { Name = name, Namespace = "default" },
            Spec = new() { Type = "LoadBalancer", Ports = [new() { Name = "http", Port = 80 }] },
        };
        (await _server.Client.CreateAsync(KnownKinds.Services, service, CancellationToken.None)).OrThrow();
    }

    private Task<Service?> UntilAsync(string name, Func<Service?, bool> good) => Eventually.GetAsync(
        $"service {name}",
        TimeSpan.FromSeconds(20),
        async cancellationToken => (await _server.Client.GetAsync(KnownKinds.Services, Key(name), cancellationToken)).Value,
        good,
        CancellationToken.None);
}
