namespace Portico.Api.Objects;

public sealed record Endpoints : IObject
{
    public string ApiVersion { get => field ?? "v1"; init; }

    public string Kind { get => field ?? "Endpoints"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public IReadOnlyList<EndpointSubset> Subsets { get => field ?? []; init; }
}

public sealed record EndpointSubset
{
    public IReadOnlyList<EndpointAddress> Addresses { get => field ?? []; init; }

    public IReadOnlyList<EndpointAddress> NotReadyAddresses { get => field ?? []; init; }

    public IReadOnlyList<EndpointPort> Ports { get => field ?? []; init; }
}

public sealed record EndpointAddress
{
    public string Ip { get => field ?? ""; init; }

    public string? Hostname { get; init; }

    public string? NodeName { get; init; }

    public ObjectReference? TargetRef { get; init; }
}
