namespace Portico.Api.Objects;

/// <summary>The part that every object shares, for code that handles objects of any kind.</summary>
public sealed record ObjectMetaOnly : IObject
{
    public string ApiVersion { get => field ?? ""; init; }

    public string Kind { get => field ?? ""; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }
}
