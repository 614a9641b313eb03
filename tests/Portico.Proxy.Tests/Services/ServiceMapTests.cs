using System.Net;
using CsCheck;
using Portico.Api.Kinds;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests.Services;

public sealed class ServiceMapTests
{
    [Fact]
    public void With_TwoServicesWantOneFrontend_OlderHasItUntilItGoes()
    {
        var (map, _) = ServiceMap.Empty.With([Plan("young", 2, 80)]);
        (map, var changes) = map.With([Plan("old", 1, 80)]);
        Assert.Equal("old", map.Find(Key(80))!.Service.Name);
        Assert.Equal(("young", "old"), (changes[0].Old!.Service.Name, changes[0].New!.Service.Name));

        (map, changes) = map.With([new() { Service = new("shop", "old") }]);
        Assert.Equal("young", map.Find(Key(80))!.Service.Name);
        Assert.Single(changes);
    }

    [Fact]
    public void With_NothingDifferent_NoChange()
    {
        var (map, _) = ServiceMap.Empty.With([Plan("web", 1, 80, 81)]);
        Assert.Empty(map.With([Plan("web", 1, 80, 81)]).Changes);
    }

    [Fact]
    public void With_AnyHistory_SameMapAsFromTheLastState()
    {
        var step = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 5].Array[0, 4]);
        step.Array[1, 20].Sample(steps =>
        {
            var map = ServiceMap.Empty;
            var replayed = new Dictionary<FrontendKey, Frontend>();
            var last = new Dictionary<int, ServicePlan>();
            foreach (var (service, created, ports) in steps)
            {
                last[service] = Plan($"s{service}", created, [.. ports.Distinct()]);
                (map, var changes) = map.With([last[service]]);
                foreach (var change in changes)
                {
                    Assert.Equal(replayed.GetValueOrDefault(change.Key), change.Old);
                    if (change.New is null)
                    {
                        replayed.Remove(change.Key);
                    }
                    else
                    {
                        replayed[change.Key] = change.New;
                    }
                }
            }

            var (fresh, _) = ServiceMap.Empty.With(last.Values);
            Assert.Equal(fresh.Frontends.ToDictionary(frontend => frontend.Key), map.Frontends.ToDictionary(frontend => frontend.Key));
            Assert.Equal(replayed, map.Frontends.ToDictionary(frontend => frontend.Key));
        });
    }

    private static FrontendKey Key(int port) => new(IPAddress.Parse("10.96.0.1"), TransportProtocol.Tcp, (ushort)(port + 1));

    private static ServicePlan Plan(string name, int created, params int[] ports) => new()
    {
        Service = new ObjectKey("shop", name),
        Created = DateTimeOffset.UnixEpoch.AddSeconds(created),
        Frontends = [.. ports.Select(port => new Frontend { Key = Key(port), Kind = FrontendKind.ExternalIP, Service = new("shop", name), PortName = "" })],
    };
}
