using CsCheck;
using Portico.Api.Objects;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests;

/// <summary>Services come, change and go, and the process starts again in between: what a back end leaves behind must not depend on it.</summary>
internal static class RandomHistory
{
    /// <param name="shapes">Services are of the shapes from 1 on.</param>
    /// <param name="start">A new process, on what the last one left in its world.</param>
    /// <param name="plan">Of a Service's number, shape and endpoints.</param>
    /// <param name="check">Compares the world with one that only ever knew the last map.</param>
    public static Task SampleAsync<TWorld>(
        int shapes, Func<TWorld, IBackend> start, Func<int, int, Endpoint[], ServicePlan> plan, Func<TWorld, TWorld, ServiceMap, Task> check)
        where TWorld : new()
    {
        var step = Gen.Select(Gen.Int[0, 3], Gen.Int[0, shapes], Gen.Int[1, 6].Array[0, 5], Gen.Bool);
        return step.Array[1, 12].SampleAsync(async steps =>
        {
            var world = new TWorld();
            var backend = start(world);
            var map = ServiceMap.Empty;
            await backend.ResyncAsync(map, default);
            foreach (var (number, shape, endpoints, restart) in steps)
            {
                (map, var changes) = map.With([shape == 0
                    ? new ServicePlan { Service = new("shop", $"s{number}") }
                    : plan(number, shape, [.. endpoints.Distinct().Select(end => Make.Endpoint($"10.244.1.{end}", end % 2 == 0 ? "node1" : "node2"))])]);
                if (restart)
                {
                    backend = start(world);
                    await backend.ResyncAsync(map, default);
                }
                else
                {
                    await backend.ApplyAsync(changes, default);
                }
            }

            var fresh = new TWorld();
            await start(fresh).ResyncAsync(map, default);
            await check(world, fresh, map);
        }, iter: 200);
    }
}
