using Portico.Api.Objects;
using Portico.Controllers.EndpointSlices;

namespace Portico.Controllers.Tests.EndpointSlices;

/// <summary>A Service with its pods and slices, as the API server would hold them.</summary>
internal sealed class SliceWorld
{
    private static readonly Node Node = new()
    {
        Metadata = new() { Name = "node1", Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = "z1" } },
    };

    private int _names;

    public Service Service { get; set; } = new()
    {
        Metadata = new() { Namespace = "shop", Name = "web", Uid = "svc-uid", Labels = new Dictionary<string, string> { ["app"] = "web" } },
        Spec = new()
        {
            ClusterIP = "10.96.0.50",
            Selector = new Dictionary<string, string> { ["app"] = "web" },
            Ports = [new() { Name = "http", Port = 80, TargetPort = new("http"), Protocol = "TCP" }],
        },
    };

    public List<Pod> Pods { get; } = [];

    public List<EndpointSlice> Slices { get; private set; } = [];

    public static Pod Pod(int number, bool ready = true, bool terminating = false, int port = 8080) => new()
    {
        Metadata = new()
        {
            Namespace = "shop",
            Name = $"p{number}",
            Uid = $"u{number}",
            Labels = new Dictionary<string, string> { ["app"] = "web" },
            DeletionTimestamp = terminating ? DateTimeOffset.UnixEpoch : null,
        },
        Spec = new() { NodeName = "node1", Containers = [new() { Name = "web", Ports = [new() { Name = "http", Port = port, Protocol = "TCP" }] }] },
        Status = new()
        {
            Phase = "Running",
            PodIP = $"10.244.{number / 250}.{number % 250}",
            Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False" }],
        },
    };

    /// <returns>How many slices were created, updated and deleted.</returns>
    public (int Created, int Updated, int Deleted) Reconcile()
    {
        var plan = SlicePlan.Compute(Service, Pods, name => name == "node1" ? Node : null, Slices);
        Slices =
        [
            .. Slices.Where(slice => plan.Delete.All(deleted => deleted.Metadata.Name != slice.Metadata.Name))
                .Select(slice => plan.Update.FirstOrDefault(updated => updated.Metadata.Name == slice.Metadata.Name) ?? slice),
            .. plan.Create.Select(slice => slice with { Metadata = slice.Metadata with { Name = $"web-{++_names}" } }),
        ];
        return (plan.Create.Count, plan.Update.Count, plan.Delete.Count);
    }
}
