using System.Text.Json;
using Portico.Api.Values;

namespace Portico.Api.Objects;

public sealed record Deployment : IObject
{
    public string ApiVersion { get => field ?? "apps/v1"; init; }

    public string Kind { get => field ?? "Deployment"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public DeploymentSpec Spec { get => field ?? new(); init; }

    public DeploymentStatus Status { get => field ?? new(); init; }
}

public sealed record DeploymentSpec
{
    public int? Replicas { get; init; }

    public LabelSelector Selector { get => field ?? new(); init; }

    /// <summary>PodTemplateSpec, raw: it is copied into ReplicaSets and Pods with fields that Portico does not know.</summary>
    public JsonElement Template { get; init; }

    public DeploymentStrategy? Strategy { get; init; }

    public int? MinReadySeconds { get; init; }

    public int? RevisionHistoryLimit { get; init; }

    public bool? Paused { get; init; }

    public int? ProgressDeadlineSeconds { get; init; }
}

public sealed record DeploymentStrategy
{
    /// <summary>RollingUpdate (default) or Recreate.</summary>
    public string? Type { get; init; }

    public RollingUpdateDeployment? RollingUpdate { get; init; }
}

public sealed record RollingUpdateDeployment
{
    public IntOrString? MaxUnavailable { get; init; }

    public IntOrString? MaxSurge { get; init; }
}

public sealed record DeploymentStatus
{
    public long? ObservedGeneration { get; init; }

    public int? Replicas { get; init; }

    public int? UpdatedReplicas { get; init; }

    public int? ReadyReplicas { get; init; }

    public int? AvailableReplicas { get; init; }

    public int? UnavailableReplicas { get; init; }

    public int? CollisionCount { get; init; }

    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
