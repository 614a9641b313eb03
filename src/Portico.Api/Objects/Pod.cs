using Portico.Api.Values;

namespace Portico.Api.Objects;

public sealed record Pod : IObject
{
    public string ApiVersion { get => field ?? "v1"; init; }

    public string Kind { get => field ?? "Pod"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public PodSpec Spec { get => field ?? new(); init; }

    public PodStatus Status { get => field ?? new(); init; }
}

public sealed record PodSpec
{
    public IReadOnlyList<Container> Containers { get => field ?? []; init; }

    public IReadOnlyList<Container> InitContainers { get => field ?? []; init; }

    public string? NodeName { get; init; }

    public IReadOnlyDictionary<string, string> NodeSelector { get => field ?? Empty.Map; init; }

    public Affinity? Affinity { get; init; }

    public IReadOnlyList<Toleration> Tolerations { get => field ?? []; init; }

    /// <summary>Always, OnFailure or Never.</summary>
    public string? RestartPolicy { get; init; }

    public string? Hostname { get; init; }

    public string? Subdomain { get; init; }

    public bool? HostNetwork { get; init; }

    public string? DnsPolicy { get; init; }

    public string? ServiceAccountName { get; init; }

    public bool? AutomountServiceAccountToken { get; init; }

    public string? SchedulerName { get; init; }

    public long? TerminationGracePeriodSeconds { get; init; }

    public IReadOnlyList<PodReadinessGate> ReadinessGates { get => field ?? []; init; }

    public IReadOnlyList<Volume> Volumes { get => field ?? []; init; }
}

public sealed record PodReadinessGate
{
    public string ConditionType { get => field ?? ""; init; }
}

public sealed record Toleration
{
    public string? Key { get; init; }

    /// <summary>Equal (default) or Exists.</summary>
    public string? Operator { get; init; }

    public string? Value { get; init; }

    public string? Effect { get; init; }

    public long? TolerationSeconds { get; init; }
}

public sealed record Volume
{
    public string Name { get => field ?? ""; init; }

    public ConfigMapVolumeSource? ConfigMap { get; init; }

    public SecretVolumeSource? Secret { get; init; }

    public EmptyDirVolumeSource? EmptyDir { get; init; }
}

public sealed record ConfigMapVolumeSource
{
    public string Name { get => field ?? ""; init; }

    public bool? Optional { get; init; }

    public IReadOnlyList<KeyToPath> Items { get => field ?? []; init; }
}

public sealed record SecretVolumeSource
{
    public string SecretName { get => field ?? ""; init; }

    public bool? Optional { get; init; }

    public IReadOnlyList<KeyToPath> Items { get => field ?? []; init; }
}

public sealed record KeyToPath
{
    public string Key { get => field ?? ""; init; }

    public string Path { get => field ?? ""; init; }
}

public sealed record EmptyDirVolumeSource
{
    public string? Medium { get; init; }
}

public sealed record PodStatus
{
    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    public string? Phase { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public string? HostIP { get; init; }

    public IReadOnlyList<IPEntry> HostIPs { get => field ?? []; init; }

    public string? PodIP { get; init; }

    public IReadOnlyList<IPEntry> PodIPs { get => field ?? []; init; }

    public DateTimeOffset? StartTime { get; init; }

    public string? QosClass { get; init; }

    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }

    public IReadOnlyList<ContainerStatus> InitContainerStatuses { get => field ?? []; init; }

    public IReadOnlyList<ContainerStatus> ContainerStatuses { get => field ?? []; init; }
}

public sealed record IPEntry
{
    public string Ip { get => field ?? ""; init; }
}

public sealed record ContainerStatus
{
    public string Name { get => field ?? ""; init; }

    public ContainerState? State { get; init; }

    public ContainerState? LastState { get; init; }

    public bool Ready { get; init; }

    public bool? Started { get; init; }

    public int RestartCount { get; init; }

    public string Image { get => field ?? ""; init; }

    public string ImageID { get => field ?? ""; init; }

    public string? ContainerID { get; init; }
}

/// <summary>Exactly one of the three is set.</summary>
public sealed record ContainerState
{
    public ContainerStateWaiting? Waiting { get; init; }

    public ContainerStateRunning? Running { get; init; }

    public ContainerStateTerminated? Terminated { get; init; }
}

public sealed record ContainerStateWaiting
{
    public string? Reason { get; init; }

    public string? Message { get; init; }
}

public sealed record ContainerStateRunning
{
    public DateTimeOffset? StartedAt { get; init; }
}

public sealed record ContainerStateTerminated
{
    public int ExitCode { get; init; }

    public int? Signal { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public string? ContainerID { get; init; }
}

/// <summary>Resources that a container asks for and may use at most.</summary>
public sealed record ResourceRequirements
{
    public IReadOnlyDictionary<string, Quantity> Requests { get => field ?? Quantity.NoResources; init; }

    public IReadOnlyDictionary<string, Quantity> Limits { get => field ?? Quantity.NoResources; init; }
}
