using Portico.Api.Objects;
using Portico.Testing.ApiServers;

namespace Portico.Controllers.Tests.Running;

internal static class Services
{
    public static Service Web() => new()
    {
        Metadata = new() { Namespace = "shop", Name = "web" },
        Spec = new()
        {
            ClusterIP = "10.96.0.50",
            Selector = new Dictionary<string, string> { ["app"] = "web" },
            Ports = [new() { Name = "http", Port = 80, TargetPort = new("http"), Protocol = "TCP" }],
        },
    };

    public static Task HasReadyAsync(RunningControllers cluster, int count) => Watching.UntilAsync(
        cluster.Slices,
        slices => slices.Sum(slice => slice.Endpoints.Count(endpoint => endpoint.Conditions.Ready == true)) == count
            && slices.Sum(slice => slice.Endpoints.Count) == count,
        $"{count} ready endpoints",
        slice => $"{slice.Metadata.Name}: {string.Join(", ", slice.Endpoints.Select(endpoint => $"{endpoint.Addresses[0]} {endpoint.Conditions}"))}");
}
