using Portico.Api.Values;

namespace Portico.Api.Objects;

public sealed record Node : IObject
{
    public string ApiVersion { get => field ?? "v1"; init; }

    public string Kind { get => field ?? "Node"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public NodeSpec Spec { get => field ?? new(); init; }

    public NodeStatus Status { get => field ?? new(); init; }
}

public sealed record NodeSpec
{
    public string? PodCIDR { get; init; }

    public IReadOnlyList<string> PodCIDRs { get => field ?? []; init; }

    public string? ProviderID { get; init; }

    public bool? Unschedulable { get; init; }

    public IReadOnlyList<Taint> Taints { get => field ?? []; init; }
}

public sealed record Taint
{
    public string Key { get => field ?? ""; init; }

    public string? Value { get; init; }

    /// <summary>NoSchedule, PreferNoSchedule or NoExecute.</summary>
    public string Effect { get => field ?? ""; init; }

    public DateTimeOffset? TimeAdded { get; init; }
}

public sealed record NodeStatus
{
    public IReadOnlyDictionary<string, Quantity> Capacity { get => field ?? Quantity.NoResources; init; }

    public IReadOnlyDictionary<string, Quantity> Allocatable { get => field ?? Quantity.NoResources; init; }

    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }

    public IReadOnlyList<NodeAddress> Addresses { get => field ?? []; init; }

    public NodeDaemonEndpoints? DaemonEndpoints { get; init; }

    public NodeSystemInfo? NodeInfo { get; init; }
}

public sealed record NodeAddress
{
    /// <summary>InternalIP, ExternalIP or Hostname.</summary>
    public string Type { get => field ?? ""; init; }

    public string Address { get => field ?? ""; init; }
}

public sealed record NodeDaemonEndpoints
{
    public DaemonEndpoint? KubeletEndpoint { get; init; }
}

public sealed record DaemonEndpoint
{
    /// <summary>Capitalised in the API as well.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("Port")]
    public int Port { get; init; }
}

public sealed record NodeSystemInfo
{
    public string MachineID { get => field ?? ""; init; }

    public string SystemUUID { get => field ?? ""; init; }

    public string BootID { get => field ?? ""; init; }

    public string KernelVersion { get => field ?? ""; init; }

    public string OsImage { get => field ?? ""; init; }

    public string ContainerRuntimeVersion { get => field ?? ""; init; }

    public string KubeletVersion { get => field ?? ""; init; }

    public string KubeProxyVersion { get => field ?? ""; init; }

    public string OperatingSystem { get => field ?? ""; init; }

    public string Architecture { get => field ?? ""; init; }
}
