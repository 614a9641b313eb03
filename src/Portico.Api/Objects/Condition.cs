namespace Portico.Api.Objects;

/// <summary>A condition of any kind: meta/v1 Condition and the older PodCondition, NodeCondition, DeploymentCondition.</summary>
public sealed record Condition
{
    public string Type { get => field ?? ""; init; }

    /// <summary>"True", "False" or "Unknown".</summary>
    public string Status { get => field ?? ""; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public long? ObservedGeneration { get; init; }

    public DateTimeOffset? LastTransitionTime { get; init; }

    public DateTimeOffset? LastUpdateTime { get; init; }

    public DateTimeOffset? LastProbeTime { get; init; }

    public DateTimeOffset? LastHeartbeatTime { get; init; }
}
