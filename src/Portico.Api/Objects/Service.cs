using Portico.Api.Values;

namespace Portico.Api.Objects;

public sealed record Service : IObject
{
    public string ApiVersion { get => field ?? "v1"; init; }

    public string Kind { get => field ?? "Service"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public ServiceSpec Spec { get => field ?? new(); init; }

    public ServiceStatus Status { get => field ?? new(); init; }
}

public sealed record ServiceSpec
{
    /// <summary>ClusterIP, NodePort, LoadBalancer or ExternalName.</summary>
    public string? Type { get; init; }

    /// <summary>An address, "None" for a headless Service, or absent before allocation.</summary>
    public string? ClusterIP { get; init; }

    public IReadOnlyList<string> ClusterIPs { get => field ?? []; init; }

    public IReadOnlyList<string> IpFamilies { get => field ?? []; init; }

    public string? IpFamilyPolicy { get; init; }

    public IReadOnlyDictionary<string, string> Selector { get => field ?? Empty.Map; init; }

    public IReadOnlyList<ServicePort> Ports { get => field ?? []; init; }

    public IReadOnlyList<string> ExternalIPs { get => field ?? []; init; }

    public string? ExternalName { get; init; }

    /// <summary>None (default) or ClientIP.</summary>
    public string? SessionAffinity { get; init; }

    public SessionAffinityConfig? SessionAffinityConfig { get; init; }

    /// <summary>Cluster (default) or Local.</summary>
    public string? ExternalTrafficPolicy { get; init; }

    /// <summary>Cluster (default) or Local.</summary>
    public string? InternalTrafficPolicy { get; init; }

    public int? HealthCheckNodePort { get; init; }

    public string? LoadBalancerIP { get; init; }

    public string? LoadBalancerClass { get; init; }

    public IReadOnlyList<string> LoadBalancerSourceRanges { get => field ?? []; init; }

    public bool? AllocateLoadBalancerNodePorts { get; init; }

    public bool? PublishNotReadyAddresses { get; init; }

    public string? TrafficDistribution { get; init; }
}

public sealed record ServicePort
{
    public string? Name { get; init; }

    /// <summary>TCP (default), UDP or SCTP.</summary>
    public string? Protocol { get; init; }

    public string? AppProtocol { get; init; }

    public int Port { get; init; }

    /// <summary>Port number or name on the pod; the same as <see cref="Port"/> when absent.</summary>
    public IntOrString? TargetPort { get; init; }

    public int? NodePort { get; init; }
}

public sealed record SessionAffinityConfig
{
    public ClientIPConfig? ClientIP { get; init; }
}

public sealed record ClientIPConfig
{
    /// <summary>Seconds, 1 to 86400; 10800 when absent.</summary>
    public int? TimeoutSeconds { get; init; }
}

public sealed record ServiceStatus
{
    public LoadBalancerStatus LoadBalancer { get => field ?? new(); init; }

    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}

public sealed record LoadBalancerStatus
{
    public IReadOnlyList<LoadBalancerIngress> Ingress { get => field ?? []; init; }
}

public sealed record LoadBalancerIngress
{
    public string? Ip { get; init; }

    public string? Hostname { get; init; }

    /// <summary>VIP (default) or Proxy.</summary>
    public string? IpMode { get; init; }

    public IReadOnlyList<PortStatus> Ports { get => field ?? []; init; }
}

public sealed record PortStatus
{
    public int Port { get; init; }

    public string Protocol { get => field ?? ""; init; }

    public string? Error { get; init; }
}
