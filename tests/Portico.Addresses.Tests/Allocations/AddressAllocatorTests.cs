using Microsoft.Extensions.Logging.Abstractions;
using Portico.Addresses.Allocations;
using Portico.Addresses.Services;
using Portico.Api.Objects;
using Portico.Client.Events;

namespace Portico.Addresses.Tests.Allocations;

public sealed class AddressAllocatorTests : IAsyncDisposable
{
    private readonly FakeServiceApi _api = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    [Fact]
    public async Task Run_NewService_StatusConditionFinalizerAndEvent()
    {
        _api.Put(Some.Service("web"));
        Start();

        await UntilAsync("web=10.0.0.1");
        await Waiting.UntilAsync(LoadBalancerServices.Finalizer, () => string.Join(',', _api.Get("web").Metadata.Finalizers));

        var web = _api.Get("web");
        Assert.Equal("VIP", Assert.Single(web.Status.LoadBalancer.Ingress).IpMode);
        var condition = web.AllocationCondition!;
        Assert.Equal(("True", "IPAllocated"), (condition.Status, condition.Reason));
        await Waiting.UntilAsync("Normal IPAllocated web: 10.0.0.1 of the pool 10.0.0.1-10.0.0.3", Events);
    }

    [Fact]
    public async Task Run_Restart_KeepsWhatStatusSaysAndWritesNothing()
    {
        _api.Put(Some.Service("young", has: "10.0.0.2"));
        _api.Change("young", WithFinalizer);
        var version = _api.Get("young").Metadata.ResourceVersion;
        Start();
        _api.Put(Some.Service("old", age: 9));

        await UntilAsync("old=10.0.0.1 young=10.0.0.2");

        Assert.Equal(version, _api.Get("young").Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Run_ListNotComplete_GivesNothingOut()
    {
        Start();
        _api.Cache.Set(_api.Store(Some.Service("old", age: 9)));
        // A pass that ran too early would have given old this address by now.
        _api.Store(Some.Service("young", has: "10.0.0.1"));
        await Task.Delay(50);
        Assert.Null(_api.Get("old").Address);

        _api.Deliver();

        await UntilAsync("old=10.0.0.2 young=10.0.0.1");
    }

    [Fact]
    public async Task Run_CacheIsBehind_TheSameAddressIsNotGivenTwice()
    {
        _api.Put(Some.Service("young"));
        _api.Live = false;
        Start();
        await UntilAsync("young=10.0.0.1");

        // The cache still shows young without an address, and old comes before it.
        _api.Cache.Set(_api.Store(Some.Service("old", age: 9)));

        await UntilAsync("old=10.0.0.2 young=10.0.0.1");
    }

    [Fact]
    public async Task Run_TypeChanges_AddressMarkAndFinalizerGoAndOthersGetIt()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            _api.Put(Some.Service(name));
        }

        Start();
        await UntilAsync("a=10.0.0.1 b=10.0.0.2 c=10.0.0.3");
        _api.Put(Some.Service("waiting"));
        await Waiting.UntilAsync("False AllocationFailed", () => $"{_api.Get("waiting").AllocationCondition?.Status} {_api.Get("waiting").AllocationCondition?.Reason}");

        _api.Change("b", static service => service with { Spec = new() { Type = "ClusterIP" } });

        await UntilAsync("a=10.0.0.1 b= c=10.0.0.3 waiting=10.0.0.2");
        await Waiting.UntilAsync("0 0", () => $"{_api.Get("b").Metadata.Finalizers.Count} {_api.Get("b").Status.Conditions.Count}");
        Assert.Equal("True", _api.Get("waiting").AllocationCondition!.Status);
        await Waiting.UntilAsync("True", () => $"{_api.Events.Any(static line => line.StartsWith("Warning AllocationFailed waiting: all 3 addresses", StringComparison.Ordinal))}");
    }

    [Fact]
    public async Task Run_Deleted_FinalizerGoesAndTheAddressIsFree()
    {
        _api.Put(Some.Service("web"));
        Start();
        await Waiting.UntilAsync("1", () => $"{_api.Get("web").Metadata.Finalizers.Count}");

        _api.Delete("web");
        await Waiting.UntilAsync("False", () => $"{_api.Exists("web")}");
        _api.Put(Some.Service("next"));

        await UntilAsync("next=10.0.0.1");
    }

    [Fact]
    public async Task Run_OneCannotBeWritten_OthersGoOnAndItIsTriedAgain()
    {
        _api.Broken = "bad";
        _api.Put(Some.Service("bad", age: 9));
        _api.Put(Some.Service("good"));
        Start();
        await UntilAsync("bad= good=10.0.0.2");

        _api.Broken = null;

        await UntilAsync("bad=10.0.0.1 good=10.0.0.2");
    }

    [Fact]
    public async Task Run_StatusWipedBySomebody_IsRepairedWithTheSameAddress()
    {
        _api.Put(Some.Service("first"));
        _api.Put(Some.Service("web"));
        Start();
        await UntilAsync("first=10.0.0.1 web=10.0.0.2");

        _api.Change("web", static service => service with { Status = new() });

        await UntilAsync("first=10.0.0.1 web=10.0.0.2");
        await Waiting.UntilAsync("True", () => $"{_api.Get("web").AllocationCondition?.Status}");
    }

    [Fact]
    public async Task Run_ForeignConditionAndFinalizer_StayUntouched()
    {
        _api.Put(Some.Service("web") with
        {
            Metadata = Some.Service("web").Metadata with { Finalizers = ["example.com/other"] },
            Status = new() { Conditions = [new() { Type = "example.com/Other", Status = "True" }] },
        });
        Start();
        await Waiting.UntilAsync($"example.com/other,{LoadBalancerServices.Finalizer}", () => string.Join(',', _api.Get("web").Metadata.Finalizers));
        Assert.Equal(["example.com/Other", LoadBalancerServices.Allocated], _api.Get("web").Status.Conditions.Select(static condition => condition.Type));

        _api.Change("web", static service => service with { Spec = new() { Type = "NodePort" } });

        await Waiting.UntilAsync("example.com/Other", () => string.Join(',', _api.Get("web").Status.Conditions.Select(static condition => condition.Type)));
        Assert.Equal(["example.com/other"], _api.Get("web").Metadata.Finalizers);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
        _stop.Dispose();
        _api.Dispose();
    }

    private static Service WithFinalizer(Service service) => service with { Metadata = service.Metadata with { Finalizers = [LoadBalancerServices.Finalizer] } };

    private void Start()
    {
        var events = new EventRecorder(_api.Client, "test", null, NullLogger.Instance, TimeProvider.System);
        var allocator = new AddressAllocator(_api.Client, _api.Cache, Some.Pool, events, NullLoggerFactory.Instance, TimeProvider.System);
        _running = Task.WhenAll(allocator.RunAsync(_stop.Token), events.RunAsync(_stop.Token));
    }

    private Task UntilAsync(string expected) => Waiting.UntilAsync(
        expected,
        () => string.Join(' ', ((string[])["a", "b", "bad", "c", "first", "good", "next", "old", "waiting", "web", "young"])
            .Where(_api.Exists).Select(name => $"{name}={_api.Get(name).Address}")));

    private string Events() => string.Join('\n', _api.Events);
}
