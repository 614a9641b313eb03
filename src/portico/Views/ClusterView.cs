using Portico.Addresses.Announcements;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Cli.Clusters;
using Portico.Cli.Output;
using Portico.Cli.Readiness;
using Portico.Client.Requests;

namespace Portico.Cli.Views;

/// <summary>What a cluster serves right now, for people.</summary>
internal sealed class ClusterView
{
    private readonly ClusterHome _home;
    private readonly ClusterSpec _spec;
    private readonly IReadOnlyList<Api.Objects.Node> _nodes;
    private readonly IReadOnlyList<Pod> _pods;
    private readonly IReadOnlyList<Service> _services;
    private readonly IReadOnlyList<EndpointSlice> _slices;
    private readonly IReadOnlyList<Ingress> _ingresses;

    private ClusterView(
        ClusterHome home, ClusterSpec spec, IReadOnlyList<Api.Objects.Node> nodes, IReadOnlyList<Pod> pods, IReadOnlyList<Service> services,
        IReadOnlyList<EndpointSlice> slices, IReadOnlyList<Ingress> ingresses) =>
        (_home, _spec, _nodes, _pods, _services, _slices, _ingresses) = (home, spec, nodes, pods, services, slices, ingresses);

    public static async Task<ClusterView> ReadAsync(ClusterHome home, ClusterSpec spec, KubernetesClient client, CancellationToken cancellationToken) => new(
        home,
        spec,
        (await client.ListAsync(KnownKinds.Nodes, ListOptions.All, cancellationToken)).OrThrow().Items,
        (await client.ListAsync(KnownKinds.Pods, ListOptions.All, cancellationToken)).OrThrow().Items,
        (await client.ListAsync(KnownKinds.Services, ListOptions.All, cancellationToken)).OrThrow().Items,
        (await client.ListAsync(KnownKinds.EndpointSlices, ListOptions.All, cancellationToken)).OrThrow().Items,
        (await client.ListAsync(KnownKinds.Ingresses, ListOptions.All, cancellationToken)).OrThrow().Items);

    public void Print(TextWriter output)
    {
        PrintServices(output);
        PrintRoutes(output);
        PrintAddresses(output);
        PrintNodes(output);
        PrintPods(output);
        PrintUrls(output);
    }

    /// <summary>The ways in that work from this machine.</summary>
    public void PrintUrls(TextWriter output)
    {
        var name = _home.Name == "portico" ? "" : $" --name {_home.Name}";
        var table = new TextTable("REACH", "AT", "FROM THIS MACHINE");
        table.Add("API server", $"https://127.0.0.1:{_spec.ApiPort}", $"kubectl --kubeconfig {_home.Kubeconfig} get all -A");
        table.Add("gateway, HTTP", $"http://127.0.0.1:{_spec.HttpPort}", $"curl -H 'Host: NAME' http://127.0.0.1:{_spec.HttpPort}/");
        table.Add("gateway, HTTPS", $"https://127.0.0.1:{_spec.HttpsPort}", $"curl -k --resolve NAME:{_spec.HttpsPort}:127.0.0.1 https://NAME:{_spec.HttpsPort}/");
        foreach (var ingress in Ordered(_ingresses))
        {
            foreach (var url in IngressUrls.Of(ingress))
            {
                var port = url.Scheme == "https" ? _spec.HttpsPort : _spec.HttpPort;
                table.Add(
                    $"ingress {ObjectKey.Of(ingress)}",
                    $"{url}",
                    $"curl {(url.Scheme == "https" ? "-k " : "")}--resolve {url.Host}:{port}:127.0.0.1 {url.Scheme}://{url.Host}:{port}{url.AbsolutePath}");
            }
        }

        foreach (var service in Ordered(_services))
        {
            AddService(table, service, $"./portico client{name} --");
        }

        table.Print(output);
    }

    private static void AddService(TextTable table, Service service, string client)
    {
        foreach (var port in service.Spec.Ports.Where(port => port.Protocol is null or "TCP"))
        {
            foreach (var ingress in service.Status.LoadBalancer.Ingress)
            {
                table.Add($"service {ObjectKey.Of(service)}", $"{ingress.Ip}:{port.Port}", $"{client} curl http://{ingress.Ip}:{port.Port}/");
            }

            if (service.Spec.Type == "NodePort" && port.NodePort is { } nodePort)
            {
                var node = ClusterAddresses.Node(1);
                table.Add($"service {ObjectKey.Of(service)}", $"{node}:{nodePort}", $"{client} curl http://{node}:{nodePort}/");
            }
        }
    }

    private void PrintServices(TextWriter output)
    {
        var table = new TextTable("SERVICE", "TYPE", "CLUSTER-IP", "PORTS", "ENDPOINTS");
        foreach (var service in Ordered(_services))
        {
            var endpoints = SlicesOf(ObjectKey.Of(service)).SelectMany(slice => slice.Endpoints).ToList();
            var ready = endpoints.Count(endpoint => endpoint.Conditions.Ready ?? true);
            table.Add(
                $"{ObjectKey.Of(service)}", service.Spec.Type ?? "ClusterIP", service.Spec.ClusterIP ?? "", string.Join(',', service.Spec.Ports.Select(PortText)), $"{ready}/{endpoints.Count} ready");
        }

        Section(output, table);
    }

    private static string PortText(ServicePort port) =>
        $"{port.Port}{(port.NodePort is > 0 ? $":{port.NodePort}" : "")}/{port.Protocol ?? "TCP"}";

    private void PrintRoutes(TextWriter output)
    {
        var table = new TextTable("ROUTE", "PATH TYPE", "BACKEND", "INGRESS", "PROBLEM");
        foreach (var ingress in Ordered(_ingresses))
        {
            var problem = ingress.Metadata.Annotations.GetValueOrDefault("portico.dev/status", "");
            foreach (var rule in ingress.Spec.Rules)
            {
                foreach (var path in rule.Http?.Paths ?? [])
                {
                    table.Add($"{rule.Host ?? "*"}{path.Path ?? "/"}", path.PathType, Backend(path.Backend), $"{ObjectKey.Of(ingress)}", problem);
                }
            }

            if (ingress.Spec.DefaultBackend is { } fallback)
            {
                table.Add("*", "default", Backend(fallback), $"{ObjectKey.Of(ingress)}", problem);
            }
        }

        Section(output, table);
    }

    private static string Backend(IngressBackend backend) =>
        backend.Service is { } service ? $"{service.Name}:{service.Port?.Name ?? $"{service.Port?.Number}"}" : $"{backend.Resource?.Kind} {backend.Resource?.Name}";

    private void PrintAddresses(TextWriter output)
    {
        var table = new TextTable("ADDRESS", "SERVICE", "ANNOUNCED BY");
        var owners = Election.Owners(_services, key => SlicesOf(key), _nodes);
        foreach (var service in Ordered(_services))
        {
            foreach (var ingress in service.Status.LoadBalancer.Ingress)
            {
                var owner = owners.FirstOrDefault(pair => pair.Key.ToString() == ingress.Ip).Value;
                table.Add(ingress.Ip ?? "", $"{ObjectKey.Of(service)}", owner ?? "no node: no ready endpoint");
            }
        }

        Section(output, table);
    }

    private IEnumerable<EndpointSlice> SlicesOf(ObjectKey service) => _slices.Where(slice =>
        slice.Metadata.Namespace == service.Namespace && slice.Metadata.Labels.GetValueOrDefault(EndpointSlice.ServiceNameLabel) == service.Name);

    private void PrintNodes(TextWriter output)
    {
        var table = new TextTable("NODE", "READY", "ADDRESS", "PODS");
        foreach (var node in Ordered(_nodes))
        {
            var ready = node.Status.Conditions.FirstOrDefault(condition => condition.Type == "Ready")?.Status ?? "Unknown";
            var address = node.Status.Addresses.FirstOrDefault(entry => entry.Type == "InternalIP")?.Address ?? "";
            table.Add(node.Metadata.Name, ready, address, $"{_pods.Count(pod => pod.Spec.NodeName == node.Metadata.Name)}");
        }

        Section(output, table);
    }

    private void PrintPods(TextWriter output)
    {
        var table = new TextTable("POD", "STATUS", "READY", "RESTARTS", "IP", "NODE");
        foreach (var pod in Ordered(_pods))
        {
            var containers = pod.Status.ContainerStatuses;
            table.Add(
                $"{ObjectKey.Of(pod)}",
                pod.Metadata.DeletionTimestamp is null ? pod.Status.Phase ?? "Pending" : "Terminating",
                $"{containers.Count(container => container.Ready)}/{pod.Spec.Containers.Count}",
                $"{containers.Sum(container => container.RestartCount)}",
                pod.Status.PodIP ?? "",
                pod.Spec.NodeName ?? "");
        }

        Section(output, table);
    }

    private static void Section(TextWriter output, TextTable table)
    {
        if (!table.IsEmpty)
        {
            table.Print(output);
            output.WriteLine();
        }
    }

    private static IEnumerable<T> Ordered<T>(IEnumerable<T> items)
        where T : IObject =>
        items.OrderBy(item => item.Metadata.Namespace, StringComparer.Ordinal).ThenBy(item => item.Metadata.Name, StringComparer.Ordinal);
}
