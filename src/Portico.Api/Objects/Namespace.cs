namespace Portico.Api.Objects;

public sealed record Namespace : IObject
{
    public string ApiVersion { get => field ?? "v1"; init; }

    public string Kind { get => field ?? "Namespace"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public NamespaceSpec Spec { get => field ?? new(); init; }

    public NamespaceStatus Status { get => field ?? new(); init; }
}

public sealed record NamespaceSpec
{
    public IReadOnlyList<string> Finalizers { get => field ?? []; init; }
}

public sealed record NamespaceStatus
{
    /// <summary>Active or Terminating.</summary>
    public string? Phase { get; init; }
}
