namespace Portico.Api.Objects;

public sealed record EndpointSlice : IObject
{
    /// <summary>Label that names the Service of a slice.</summary>
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary>Label that names the controller which owns a slice.</summary>
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";

    public string ApiVersion { get => field ?? "discovery.k8s.io/v1"; init; }

    public string Kind { get => field ?? "EndpointSlice"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    /// <summary>IPv4, IPv6 or FQDN.</summary>
    public string AddressType { get => field ?? ""; init; }

    public IReadOnlyList<Endpoint> Endpoints { get => field ?? []; init; }

    public IReadOnlyList<EndpointPort> Ports { get => field ?? []; init; }
}

public sealed record Endpoint
{
    public IReadOnlyList<string> Addresses { get => field ?? []; init; }

    public EndpointConditions Conditions { get => field ?? new(); init; }

    public string? Hostname { get; init; }

    public string? NodeName { get; init; }

    public string? Zone { get; init; }

    public ObjectReference? TargetRef { get; init; }

    public EndpointHints? Hints { get; init; }
}

/// <summary>Absent means: ready true, serving as ready, terminating false.</summary>
public sealed record EndpointConditions
{
    public bool? Ready { get; init; }

    public bool? Serving { get; init; }

    public bool? Terminating { get; init; }
}

public sealed record EndpointHints
{
    public IReadOnlyList<NamedHint> ForZones { get => field ?? []; init; }

    public IReadOnlyList<NamedHint> ForNodes { get => field ?? []; init; }
}

public sealed record NamedHint
{
    public string Name { get => field ?? ""; init; }
}

public sealed record EndpointPort
{
    public string? Name { get; init; }

    public int? Port { get; init; }

    public string? Protocol { get; init; }

    public string? AppProtocol { get; init; }
}
