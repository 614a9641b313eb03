using Portico.Api.Objects;

namespace Portico.Api.Kinds;

/// <summary>The kinds that the embedded server knows out of the box, and that Portico's roles read from any API server.</summary>
public static class KnownKinds
{
    public static readonly ResourceKind<ConfigMap> ConfigMaps = new(new("", "v1", "ConfigMap", "configmaps", true) { ShortNames = ["cm"] });

    public static readonly ResourceKind<Endpoints> Endpoints = new(
        new("", "v1", "Endpoints", "endpoints", true) { Singular = "endpoints", ShortNames = ["ep"] });

    public static readonly ResourceKind<Event> Events = new(new("", "v1", "Event", "events", true) { ShortNames = ["ev"] });

    public static readonly ResourceKind<Namespace> Namespaces = new(
        new("", "v1", "Namespace", "namespaces", false) { ShortNames = ["ns"], HasStatus = true });

    public static readonly ResourceKind<Node> Nodes = new(new("", "v1", "Node", "nodes", false) { ShortNames = ["no"], HasStatus = true });

    public static readonly ResourceKind<Pod> Pods = new(
        new("", "v1", "Pod", "pods", true) { ShortNames = ["po"], Categories = ["all"], HasStatus = true });

    public static readonly ResourceKind<Secret> Secrets = new(new("", "v1", "Secret", "secrets", true));

    public static readonly ResourceKind<ServiceAccount> ServiceAccounts = new(
        new("", "v1", "ServiceAccount", "serviceaccounts", true) { ShortNames = ["sa"] });

    public static readonly ResourceKind<Service> Services = new(
        new("", "v1", "Service", "services", true) { ShortNames = ["svc"], Categories = ["all"], HasStatus = true });

    public static readonly ResourceKind<Deployment> Deployments = new(
        new("apps", "v1", "Deployment", "deployments", true) { ShortNames = ["deploy"], Categories = ["all"], HasStatus = true, HasScale = true });

    public static readonly ResourceKind<ReplicaSet> ReplicaSets = new(
        new("apps", "v1", "ReplicaSet", "replicasets", true) { ShortNames = ["rs"], Categories = ["all"], HasStatus = true, HasScale = true });

    public static readonly ResourceKind<EndpointSlice> EndpointSlices = new(
        new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true));

    public static readonly ResourceKind<Ingress> Ingresses = new(
        new("networking.k8s.io", "v1", "Ingress", "ingresses", true) { ShortNames = ["ing"], HasStatus = true });

    public static readonly ResourceKind<IngressClass> IngressClasses = new(
        new("networking.k8s.io", "v1", "IngressClass", "ingressclasses", false));

    public static readonly ResourceKind<Lease> Leases = new(new("coordination.k8s.io", "v1", "Lease", "leases", true));

    /// <summary>Read where a server has it (Kubernetes from 1.33 on); the embedded one has none.</summary>
    public static readonly ResourceKind<ServiceCidr> ServiceCidrs = new(new("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", false));

    /// <summary>What the embedded server knows.</summary>
    public static IReadOnlyList<ResourceKind> All { get; } =
    [
        ConfigMaps.Resource, Endpoints.Resource, Events.Resource, Namespaces.Resource, Nodes.Resource, Pods.Resource, Secrets.Resource,
        ServiceAccounts.Resource, Services.Resource, Deployments.Resource, ReplicaSets.Resource, EndpointSlices.Resource, Ingresses.Resource,
        IngressClasses.Resource, Leases.Resource,
    ];
}
