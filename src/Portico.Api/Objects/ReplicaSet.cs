using System.Text.Json;

namespace Portico.Api.Objects;

public sealed record ReplicaSet : IObject
{
    public string ApiVersion { get => field ?? "apps/v1"; init; }

    public string Kind { get => field ?? "ReplicaSet"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public ReplicaSetSpec Spec { get => field ?? new(); init; }

    public ReplicaSetStatus Status { get => field ?? new(); init; }
}

public sealed record ReplicaSetSpec
{
    public int? Replicas { get; init; }

    public int? MinReadySeconds { get; init; }

    public LabelSelector Selector { get => field ?? new(); init; }

    /// <summary>PodTemplateSpec, raw.</summary>
    public JsonElement Template { get; init; }
}

public sealed record ReplicaSetStatus
{
    public long? ObservedGeneration { get; init; }

    public int Replicas { get; init; }

    public int? FullyLabeledReplicas { get; init; }

    public int? ReadyReplicas { get; init; }

    public int? AvailableReplicas { get; init; }

    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
