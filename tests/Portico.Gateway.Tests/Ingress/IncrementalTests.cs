using CsCheck;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Gateway.Dataplane;
using Portico.Gateway.Ingress;
using Portico.Gateway.Metrics;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Tests.Ingress;

/// <summary>Whatever changes come in whatever batches, the result is that of compiling the last state from nothing.</summary>
public sealed class IncrementalTests
{
    private static readonly ServerCertificate Fallback = DefaultCertificate.Create(TimeProvider.System);
    private static readonly string[] Hosts = ["", "a.test", "*.test"];
    private static readonly string[] Paths = ["/", "/x"];

    private static readonly Gen<IngressRule> Rules = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 2], (host, path, service) => new IngressRule
    {
        Host = Hosts[host],
        Http = new() { Paths = [new() { Path = Paths[path], PathType = "Prefix", Backend = Backend(service) }] },
    });

    private static readonly Gen<IngressObject> Ingresses = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Rules.Array[0, 3], Gen.Bool, (name, age, rules, hasDefault) => new IngressObject
    {
        Metadata = new() { Namespace = "n", Name = $"i{name}", CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(age) },
        Spec = new() { IngressClassName = "p", Rules = rules, DefaultBackend = hasDefault ? Backend(age) : null },
    });

    private static readonly Gen<Service> Services = Gen.Select(Gen.Int[0, 2], Gen.Bool, (name, h2c) => new Service
    {
        Metadata = new() { Namespace = "n", Name = $"s{name}" },
        Spec = new() { Ports = [new() { Port = 80, AppProtocol = h2c ? "kubernetes.io/h2c" : null }] },
    });

    private static readonly Gen<EndpointSlice> Slices = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[1, 3], (name, service, address) => new EndpointSlice
    {
        Metadata = new() { Namespace = "n", Name = $"e{name}", Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = $"s{service}" } },
        AddressType = "IPv4",
        Ports = [new() { Name = "", Port = 80 }],
        Endpoints = [new() { Addresses = [$"10.0.0.{address}"] }],
    });

    private static readonly Gen<Step> Steps = Gen.OneOf(
        Gen.Select(Ingresses, Gen.Bool, (item, delete) => new Step(item, delete)),
        Gen.Select(Services, Gen.Bool, (item, delete) => new Step(item, delete)),
        Gen.Select(Slices, Gen.Bool, (item, delete) => new Step(item, delete)),
        Gen.Const(new Step(null, false)));

    [Fact]
    public void Flush_AnyChangesInAnyBatches_EqualsCompilingTheLastState()
    {
        Steps.Array[1, 25].Sample(steps =>
        {
            var last = new Dictionary<(Type, ObjectKey), IObject>();
            var (changing, state) = Model();
            foreach (var step in steps)
            {
                if (step.Item is null)
                {
                    changing.Flush();
                    continue;
                }

                var key = (step.Item.GetType(), ObjectKey.Of(step.Item));
                last.TryGetValue(key, out var old);
                Apply(changing, old, step.Delete ? null : step.Item, key.Item2);
                last.Remove(key);
                if (!step.Delete)
                {
                    last[key] = step.Item;
                }
            }

            changing.Flush();
            var (fresh, expected) = Model();
            foreach (var ((_, key), item) in last)
            {
                Apply(fresh, null, item, key);
            }

            fresh.Flush();
            Assert.Equal(Text(fresh, expected), Text(changing, state));
        }, iter: 3_000);
    }

    private static IngressBackend Backend(int service) => new() { Service = new() { Name = $"s{service}", Port = new() { Number = 80 } } };

    private static (ClusterModel Model, GatewayState State) Model()
    {
        var state = new GatewayState(Fallback);
        var model = new ClusterModel("c", state, new MetricsRegistry());
        var made = new IngressClass { Metadata = new() { Name = "p" }, Spec = new() { Controller = "c" } };
        model.Apply(new ObjectChange<IngressClass>(ObjectKey.Of(made), null, made));
        model.Flush(first: true);
        return (model, state);
    }

    private static void Apply(ClusterModel model, IObject? old, IObject? now, ObjectKey key)
    {
        switch (now ?? old)
        {
            case IngressObject:
                model.Apply(new ObjectChange<IngressObject>(key, (IngressObject?)old, (IngressObject?)now));
                break;
            case Service:
                model.Apply(new ObjectChange<Service>(key, (Service?)old, (Service?)now));
                break;
            case EndpointSlice:
                model.Apply(new ObjectChange<EndpointSlice>(key, (EndpointSlice?)old, (EndpointSlice?)now));
                break;
        }
    }

    private static string Text(ClusterModel model, GatewayState state)
    {
        var endpoints = state.Current.Routes.Routes.Select(route =>
            $"{route.Rule} {route.Backend?.Protocol} {string.Join(' ', route.Backend is null ? [] : route.Backend.Endpoints.ToArray().Select(endpoint => endpoint.Authority))}");
        var problems = model.Problems.SelectMany(pair => pair.Value.Select(problem => $"{pair.Key} {problem}"));
        return string.Join('\n', endpoints.Order(StringComparer.Ordinal)) + "\n--\n" + string.Join('\n', problems.Order(StringComparer.Ordinal));
    }

    private sealed record Step(IObject? Item, bool Delete);
}
