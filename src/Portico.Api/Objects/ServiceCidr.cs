namespace Portico.Api.Objects;

/// <summary>networking.k8s.io/v1 ServiceCIDR: networks from which a cluster takes its ClusterIPs.</summary>
public sealed record ServiceCidr : IObject
{
    public string ApiVersion { get => field ?? "networking.k8s.io/v1"; init; }

    public string Kind { get => field ?? "ServiceCIDR"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public ServiceCidrSpec Spec { get => field ?? new(); init; }
}

public sealed record ServiceCidrSpec
{
    /// <summary>One of each family at most.</summary>
    public IReadOnlyList<string> Cidrs { get => field ?? []; init; }
}
