namespace Portico.Api.Objects;

public sealed record ServiceAccount : IObject
{
    public string ApiVersion { get => field ?? "v1"; init; }

    public string Kind { get => field ?? "ServiceAccount"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public bool? AutomountServiceAccountToken { get; init; }
}
