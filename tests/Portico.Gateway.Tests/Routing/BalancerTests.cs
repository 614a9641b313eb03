using System.Net;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Tests.Routing;

public sealed class BalancerTests
{
    private readonly Backend _backend = new(new("shop", "web", 80), BackendProtocol.Http);

    [Fact]
    public void Pick_NoEndpoint_IsNull() => Assert.Null(Balancer.Pick(_backend, null, 0, new Random(1)));

    [Fact]
    public void Pick_ManyTimes_UsesEveryEndpointAboutEqually()
    {
        Fill(4);
        var counts = Count(_backend, null, 8000);
        Assert.All(counts.Values, count => Assert.InRange(count, 1600, 2400));
        Assert.Equal(4, counts.Count);
    }

    [Fact]
    public void Pick_OneEndpointBusy_PrefersTheOther()
    {
        Fill(2);
        _backend.Endpoints[0].Begin();
        Assert.Equal([_backend.Endpoints[1]], Count(_backend, null, 100).Keys);
    }

    [Fact]
    public void Pick_AfterFailure_ChoosesAnother()
    {
        Fill(3);
        var failed = _backend.Endpoints[1];
        Assert.DoesNotContain(failed, Count(_backend, failed, 500).Keys);
    }

    [Fact]
    public void Pick_AllButOneAvoided_FindsTheGoodOne()
    {
        Fill(10);
        for (var i = 0; i < 9; i++)
        {
            _backend.Endpoints[i].AvoidUntil(100);
        }

        Assert.Equal([_backend.Endpoints[9]], Count(_backend, null, 300).Keys);
    }

    [Fact]
    public void Pick_AllAvoided_StillChooses()
    {
        Fill(2);
        _backend.Endpoints[0].AvoidUntil(100);
        _backend.Endpoints[1].AvoidUntil(100);
        Assert.NotNull(Balancer.Pick(_backend, null, 0, new Random(1)));
    }

    [Fact]
    public void Update_AddressStays_KeepsItsCounters()
    {
        Fill(2);
        var first = _backend.Endpoints[0];
        first.Begin();
        Fill(3);
        Assert.Same(first, _backend.Endpoints[0]);
        Assert.False(_backend.Update([.. Enumerable.Range(1, 3).Select(Address)]));
    }

    private static Dictionary<BackendEndpoint, int> Count(Backend backend, BackendEndpoint? exclude, int times)
    {
        var random = new Random(7);
        return Enumerable.Range(0, times).Select(_ => Balancer.Pick(backend, exclude, 0, random)!).CountBy(endpoint => endpoint).ToDictionary();
    }

    private static IPEndPoint Address(int number) => new(IPAddress.Parse($"10.0.0.{number}"), 80);

    private void Fill(int count) => _backend.Update([.. Enumerable.Range(1, count).Select(Address)]);
}
