using System.Net;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Cli.Clusters;
using Portico.Cli.Manifests;
using Portico.Client.Requests;

namespace Portico.Cli.Readiness;

/// <summary>Whether what a manifest asks for is there and can be reached. Every answer is null for yes, or the reason why not yet.</summary>
internal sealed class ReadinessChecks(KubernetesClient client, ClusterHome home)
{
    private readonly LanProbe _outside = new(home.ClientNamespace);
    private readonly LanProbe _node = new(home.NodeNamespace(1));

    public Task<string?> CheckAsync(Manifest manifest, CancellationToken cancellationToken) => manifest.Kind.Kind switch
    {
        "Deployment" => DeploymentAsync(manifest.Key, cancellationToken),
        "ReplicaSet" => ReplicaSetAsync(manifest.Key, cancellationToken),
        "Pod" => PodAsync(manifest.Key, cancellationToken),
        "Service" => ServiceAsync(manifest.Key, cancellationToken),
        "Ingress" => IngressAsync(manifest.Key, cancellationToken),
        _ => Task.FromResult<string?>(null),
    };

    private async Task<string?> DeploymentAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if ((await client.GetAsync(KnownKinds.Deployments, key, cancellationToken)).Value is not { } deployment)
        {
            return "it does not exist";
        }

        var status = deployment.Status;
        var wanted = deployment.Spec.Replicas ?? 1;
        if (status.ObservedGeneration >= deployment.Metadata.Generation && status.UpdatedReplicas.GetValueOrDefault() == wanted
            && status.AvailableReplicas.GetValueOrDefault() == wanted && status.Replicas.GetValueOrDefault() == wanted)
        {
            return null;
        }

        var why = await PodProblemAsync(key.Namespace, deployment.Spec.Selector, cancellationToken);
        return $"{status.AvailableReplicas.GetValueOrDefault()} of {wanted} pods available{why}";
    }

    private async Task<string?> ReplicaSetAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if ((await client.GetAsync(KnownKinds.ReplicaSets, key, cancellationToken)).Value is not { } set)
        {
            return "it does not exist";
        }

        var wanted = set.Spec.Replicas ?? 1;
        var ready = set.Status.ReadyReplicas.GetValueOrDefault();
        return ready == wanted ? null : $"{ready} of {wanted} pods ready{await PodProblemAsync(key.Namespace, set.Spec.Selector, cancellationToken)}";
    }

    private async Task<string?> PodAsync(ObjectKey key, CancellationToken cancellationToken) =>
        (await client.GetAsync(KnownKinds.Pods, key, cancellationToken)).Value is { } pod ? Problem(pod) : "it does not exist";

    private async Task<string> PodProblemAsync(string @namespace, LabelSelector selector, CancellationToken cancellationToken)
    {
        var labels = string.Join(',', selector.MatchLabels.Select(pair => $"{pair.Key}={pair.Value}"));
        var pods = await client.ListAsync(KnownKinds.Pods, new() { Namespace = @namespace, LabelSelector = labels }, cancellationToken);
        var problem = pods.Value?.Items.Select(pod => (pod, Problem(pod))).FirstOrDefault(pair => pair.Item2 is not null);
        return problem is { pod: { } first } ? $"; pod {first.Metadata.Name}: {problem.Value.Item2}" : "";
    }

    private static string? Problem(Pod pod)
    {
        if (pod.Status.Phase == "Succeeded" || pod.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }))
        {
            return null;
        }

        foreach (var container in pod.Status.ContainerStatuses)
        {
            if (container.State?.Waiting is { Reason: { } reason } waiting && reason is not ("ContainerCreating" or "PodInitializing"))
            {
                return $"container {container.Name}: {reason}: {waiting.Message}";
            }

            if (container.State?.Terminated is { } ended)
            {
                return $"container {container.Name} ended with exit code {ended.ExitCode}";
            }
        }

        var unscheduled = pod.Status.Conditions.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" });
        return unscheduled?.Message ?? $"{pod.Status.Phase ?? "Pending"}, not ready";
    }

    private async Task<string?> ServiceAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if ((await client.GetAsync(KnownKinds.Services, key, cancellationToken)).Value is not { } service)
        {
            return "it does not exist";
        }

        var spec = service.Spec;
        if (spec.Type == "ExternalName" || spec.Selector.Count == 0 || !IPAddress.TryParse(spec.ClusterIP, out var clusterAddress))
        {
            return null;
        }

        foreach (var port in spec.Ports.Where(port => port.Protocol is null or "TCP"))
        {
            if (await _node.ConnectAsync(new(clusterAddress, port.Port), cancellationToken) is { } closed)
            {
                return $"cluster IP {closed}";
            }

            // With the Local policy only nodes that run an endpoint answer; the address announcer sees to that for load-balancer addresses.
            if (port.NodePort is { } nodePort and > 0 && spec.ExternalTrafficPolicy != "Local"
                && await _outside.ConnectAsync(new(ClusterAddresses.Node(1), nodePort), cancellationToken) is { } shut)
            {
                return $"node port {shut}";
            }

            if (spec.Type == "LoadBalancer" && await AddressAsync(service, port.Port, cancellationToken) is { } unreachable)
            {
                return unreachable;
            }
        }

        return null;
    }

    private async Task<string?> AddressAsync(Service service, int port, CancellationToken cancellationToken)
    {
        if (service.Status.LoadBalancer.Ingress is not [{ Ip: { } text }, ..] || !IPAddress.TryParse(text, out var address))
        {
            return "it has no load-balancer address yet";
        }

        return await _outside.ConnectAsync(new(address, port), cancellationToken) is { } closed ? $"load-balancer address {closed}" : null;
    }

    private async Task<string?> IngressAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if ((await client.GetAsync(KnownKinds.Ingresses, key, cancellationToken)).Value is not { } ingress)
        {
            return "it does not exist";
        }

        if (ingress.Metadata.Annotations.TryGetValue("portico.dev/status", out var problem) && problem.Contains("\"message\"", StringComparison.Ordinal))
        {
            return problem;
        }

        if (ingress.Status.LoadBalancer.Ingress is not [{ Ip: { } text }, ..] || !IPAddress.TryParse(text, out var address))
        {
            return "it has no address yet";
        }

        foreach (var url in IngressUrls.Of(ingress))
        {
            var (code, unreachable) = await _outside.GetAsync(new(address, url.Port), url, cancellationToken);
            if (unreachable is not null)
            {
                return unreachable;
            }

            if (code is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
            {
                return $"{url} answers {(int)code}";
            }
        }

        return null;
    }
}
