using System.Text.Json.Serialization;
using Portico.Api.Json;

namespace Portico.Api.Objects;

public sealed record Lease : IObject
{
    public string ApiVersion { get => field ?? "coordination.k8s.io/v1"; init; }

    public string Kind { get => field ?? "Lease"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public LeaseSpec Spec { get => field ?? new(); init; }
}

public sealed record LeaseSpec
{
    public string? HolderIdentity { get; init; }

    public int? LeaseDurationSeconds { get; init; }

    /// <summary>With microseconds, as meta/v1 MicroTime.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? AcquireTime { get; init; }

    /// <summary>With microseconds, as meta/v1 MicroTime.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? RenewTime { get; init; }

    public int? LeaseTransitions { get; init; }
}
