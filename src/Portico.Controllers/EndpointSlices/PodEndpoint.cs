using Portico.Api.Objects;
using Portico.Controllers.Pods;

namespace Portico.Controllers.EndpointSlices;

/// <summary>How a pod looks as an endpoint of a Service.</summary>
internal static class PodEndpoint
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";

    /// <summary>Null when the pod is no endpoint: ended, without an address of the family, or on a node that is not there.</summary>
    public static Endpoint? Create(Service service, Pod pod, Node? node, string addressType)
    {
        if (PodFacts.IsTerminal(pod) || AddressOf(pod, addressType) is not { } address
            || (node is null && service.Spec.PublishNotReadyAddresses != true))
        {
            return null;
        }

        var serving = PodFacts.IsReady(pod);
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        var ready = service.Spec.PublishNotReadyAddresses == true || (serving && !terminating);
        var zone = node?.Metadata.Labels.GetValueOrDefault(ZoneLabel);
        return new()
        {
            Addresses = [address],
            Conditions = new() { Ready = ready, Serving = serving, Terminating = terminating },
            Hostname = HostnameOf(service, pod),
            NodeName = pod.Spec.NodeName,
            Zone = zone,
            TargetRef = new() { Kind = "Pod", Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            Hints = ready ? HintsOf(service, pod.Spec.NodeName, zone) : null,
        };
    }

    /// <summary>The ports of the Service on this pod. A name that the pod does not have is left out.</summary>
    public static IReadOnlyList<EndpointPort> Ports(Service service, Pod pod)
    {
        var ports = new List<EndpointPort>();
        foreach (var port in service.Spec.Ports)
        {
            if (NumberOf(port, pod) is { } number)
            {
                ports.Add(new() { Name = port.Name ?? "", Port = number, Protocol = port.Protocol ?? "TCP", AppProtocol = port.AppProtocol });
            }
        }

        return ports;
    }

    public static string? AddressOf(Pod pod, string addressType)
    {
        var colon = addressType == "IPv6";
        foreach (var entry in pod.Status.PodIPs)
        {
            if (entry.Ip.Length > 0 && entry.Ip.Contains(':', StringComparison.Ordinal) == colon)
            {
                return entry.Ip;
            }
        }

        return pod.Status.PodIP is { Length: > 0 } single && single.Contains(':', StringComparison.Ordinal) == colon ? single : null;
    }

    /// <summary>Only a pod that names the Service as its subdomain has a name of its own in DNS.</summary>
    public static string? HostnameOf(Service service, Pod pod) =>
        pod.Spec.Hostname is { Length: > 0 } hostname && pod.Spec.Subdomain == service.Metadata.Name ? hostname : null;

    private static int? NumberOf(ServicePort port, Pod pod)
    {
        if (port.TargetPort is not { } target || target is { IsNumber: true, Number: 0 })
        {
            return port.Port;
        }

        if (target.IsNumber)
        {
            return target.Number;
        }

        foreach (var container in pod.Spec.Containers)
        {
            foreach (var candidate in container.Ports)
            {
                if (candidate.Name == target.Text && (candidate.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))
                {
                    return candidate.Port;
                }
            }
        }

        return null;
    }

    private static EndpointHints? HintsOf(Service service, string? node, string? zone)
    {
        IReadOnlyList<NamedHint> zones = zone is { Length: > 0 } ? [new() { Name = zone }] : [];
        return service.Spec.TrafficDistribution switch
        {
            "PreferClose" or "PreferSameZone" when zones.Count > 0 => new() { ForZones = zones },
            "PreferSameNode" when node is { Length: > 0 } => new() { ForZones = zones, ForNodes = [new() { Name = node }] },
            _ => null,
        };
    }
}
