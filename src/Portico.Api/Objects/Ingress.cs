namespace Portico.Api.Objects;

public sealed record Ingress : IObject
{
    public string ApiVersion { get => field ?? "networking.k8s.io/v1"; init; }

    public string Kind { get => field ?? "Ingress"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public IngressSpec Spec { get => field ?? new(); init; }

    public IngressStatus Status { get => field ?? new(); init; }
}

public sealed record IngressSpec
{
    public string? IngressClassName { get; init; }

    public IngressBackend? DefaultBackend { get; init; }

    public IReadOnlyList<IngressTls> Tls { get => field ?? []; init; }

    public IReadOnlyList<IngressRule> Rules { get => field ?? []; init; }
}

public sealed record IngressTls
{
    public IReadOnlyList<string> Hosts { get => field ?? []; init; }

    public string? SecretName { get; init; }
}

public sealed record IngressRule
{
    /// <summary>Exact or "*."-wildcard host name; every host when absent.</summary>
    public string? Host { get; init; }

    public HttpIngressRuleValue? Http { get; init; }
}

public sealed record HttpIngressRuleValue
{
    public IReadOnlyList<HttpIngressPath> Paths { get => field ?? []; init; }
}

public sealed record HttpIngressPath
{
    public string? Path { get; init; }

    /// <summary>Exact, Prefix or ImplementationSpecific.</summary>
    public string PathType { get => field ?? ""; init; }

    public IngressBackend Backend { get => field ?? new(); init; }
}

public sealed record IngressBackend
{
    public IngressServiceBackend? Service { get; init; }

    public ObjectReference? Resource { get; init; }
}

public sealed record IngressServiceBackend
{
    public string Name { get => field ?? ""; init; }

    public ServiceBackendPort? Port { get; init; }
}

/// <summary>Exactly one of the two is set.</summary>
public sealed record ServiceBackendPort
{
    public string? Name { get; init; }

    public int? Number { get; init; }
}

public sealed record IngressStatus
{
    public LoadBalancerStatus LoadBalancer { get => field ?? new(); init; }
}
