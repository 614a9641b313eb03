using Portico.Api.Objects;
using Portico.Controllers.EndpointSlices;

namespace Portico.Controllers.LegacyEndpoints;

/// <summary>The Endpoints object of a Service, for clients that don't know EndpointSlices. One family only, terminating pods left out.</summary>
internal static class EndpointsPlan
{
    /// <summary>More addresses than this are cut off, as upstream does.</summary>
    public const int MaxAddresses = 1000;

    private const string OverCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";
    private const string ManagedByLabel = "endpoints.kubernetes.io/managed-by";

    public static Endpoints Compute(Service service, IEnumerable<Pod> pods, Func<string, Node?> node)
    {
        var family = SlicePlan.Families(service)[0];
        var groups = new SortedDictionary<string, (IReadOnlyList<EndpointPort> Ports, List<EndpointAddress> Ready, List<EndpointAddress> NotReady)>(
            StringComparer.Ordinal);
        var count = 0;
        var cut = false;
        foreach (var pod in pods.OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal))
        {
            var on = pod.Spec.NodeName is { Length: > 0 } name ? node(name) : null;
            if (PodEndpoint.Create(service, pod, on, family) is not { } endpoint
                || (endpoint.Conditions.Terminating == true && service.Spec.PublishNotReadyAddresses != true))
            {
                continue;
            }

            if (++count > MaxAddresses)
            {
                cut = true;
                break;
            }

            var ports = PodEndpoint.Ports(service, pod).Select(port => port.Name == "" ? port with { Name = null } : port).ToList();
            var key = SliceEquality.PortKey(ports);
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = (ports, [], []);
            }

            (endpoint.Conditions.Ready == true ? group.Ready : group.NotReady).Add(
                new() { Ip = endpoint.Addresses[0], Hostname = endpoint.Hostname, NodeName = endpoint.NodeName, TargetRef = endpoint.TargetRef });
        }

        return new()
        {
            Metadata = new()
            {
                Name = service.Metadata.Name,
                Namespace = service.Metadata.Namespace,
                Labels = Labels(service),
                Annotations = cut ? new Dictionary<string, string> { [OverCapacityAnnotation] = "truncated" } : new Dictionary<string, string>(),
            },
            Subsets = [.. groups.Values.Select(group => new EndpointSubset { Addresses = group.Ready, NotReadyAddresses = group.NotReady, Ports = group.Ports })],
        };
    }

    private static Dictionary<string, string> Labels(Service service)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels, StringComparer.Ordinal) { [ManagedByLabel] = "endpoint-controller" };
        labels.Remove(SlicePlan.HeadlessLabel);
        if (service.Spec.ClusterIP == "None")
        {
            labels[SlicePlan.HeadlessLabel] = "";
        }

        return labels;
    }
}
