using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Requests;

namespace Portico.Controllers.Caches;

/// <summary>One reflector a kind, shared by all controllers.</summary>
internal sealed class SharedCaches
{
    private readonly List<(Task Synced, Func<CancellationToken, Task> Run)> _reflectors = [];
    private readonly KubernetesClient _client;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    public SharedCaches(KubernetesClient client, ILogger logger, TimeProvider time)
    {
        (_client, _logger, _time) = (client, logger, time);
        Pods = Reflect(KnownKinds.Pods);
        Nodes = Reflect(KnownKinds.Nodes);
        Services = Reflect(KnownKinds.Services);
        EndpointSlices = Reflect(KnownKinds.EndpointSlices);
        Endpoints = Reflect(KnownKinds.Endpoints);
        Deployments = Reflect(KnownKinds.Deployments);
        ReplicaSets = Reflect(KnownKinds.ReplicaSets);
        Namespaces = Reflect(KnownKinds.Namespaces);
        ServiceAccounts = Reflect(KnownKinds.ServiceAccounts);
        Leases = Reflect(KnownKinds.Leases);
        // Of these only what every object has is kept, above all not the content of Secrets.
        ConfigMaps = ReflectMetadata(KnownKinds.ConfigMaps.Resource);
        Secrets = ReflectMetadata(KnownKinds.Secrets.Resource);
        Ingresses = ReflectMetadata(KnownKinds.Ingresses.Resource);
        IngressClasses = ReflectMetadata(KnownKinds.IngressClasses.Resource);

        PodsByNamespace = new(Pods, pod => pod.Metadata.Namespace);
        PodsByNode = new(Pods, pod => pod.Spec.NodeName);
        ServicesByNamespace = new(Services, service => service.Metadata.Namespace);
        SlicesByService = new(EndpointSlices, SliceService);
        ReplicaSetsByNamespace = new(ReplicaSets, set => set.Metadata.Namespace);
    }

    public ObjectCache<Pod> Pods { get; }

    public ObjectCache<Node> Nodes { get; }

    public ObjectCache<Service> Services { get; }

    public ObjectCache<EndpointSlice> EndpointSlices { get; }

    public ObjectCache<Endpoints> Endpoints { get; }

    public ObjectCache<Deployment> Deployments { get; }

    public ObjectCache<ReplicaSet> ReplicaSets { get; }

    public ObjectCache<Namespace> Namespaces { get; }

    public ObjectCache<ServiceAccount> ServiceAccounts { get; }

    public ObjectCache<Lease> Leases { get; }

    public ObjectCache<ObjectMetaOnly> ConfigMaps { get; }

    public ObjectCache<ObjectMetaOnly> Secrets { get; }

    public ObjectCache<ObjectMetaOnly> Ingresses { get; }

    public ObjectCache<ObjectMetaOnly> IngressClasses { get; }

    public ObjectIndex<Pod> PodsByNamespace { get; }

    public ObjectIndex<Pod> PodsByNode { get; }

    public ObjectIndex<Service> ServicesByNamespace { get; }

    /// <summary>By "namespace/service".</summary>
    public ObjectIndex<EndpointSlice> SlicesByService { get; }

    public ObjectIndex<ReplicaSet> ReplicaSetsByNamespace { get; }

    /// <summary>Completes when every cache holds its first list.</summary>
    public Task Synced => Task.WhenAll(_reflectors.Select(reflector => reflector.Synced));

    /// <summary>"namespace/service" of a slice, as <see cref="ObjectKey.ToString"/> writes the Service's key.</summary>
    public static string? SliceService(EndpointSlice slice) =>
        slice.Metadata.Labels.TryGetValue(EndpointSlice.ServiceNameLabel, out var service)
            ? new ObjectKey(slice.Metadata.Namespace, service).ToString()
            : null;

    /// <summary>Runs all reflectors until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_reflectors.Select(reflector => reflector.Run(cancellationToken)));

    private ObjectCache<ObjectMetaOnly> ReflectMetadata(ResourceKind kind) => Reflect(new ResourceKind<ObjectMetaOnly>(kind));

    private ObjectCache<T> Reflect<T>(ResourceKind<T> kind)
        where T : class, IObject
    {
        var reflector = new Reflector<T>(_client, kind, ListOptions.All, _logger, _time);
        _reflectors.Add((reflector.Cache.Synced, reflector.RunAsync));
        return reflector.Cache;
    }
}
