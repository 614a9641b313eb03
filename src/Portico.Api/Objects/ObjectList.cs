namespace Portico.Api.Objects;

/// <summary>A list as the API answers it. Items of a list carry no apiVersion and kind of their own.</summary>
public sealed record ObjectList<T>
{
    public string ApiVersion { get => field ?? ""; init; }

    public string Kind { get => field ?? ""; init; }

    public ListMeta Metadata { get => field ?? new(); init; }

    public IReadOnlyList<T> Items { get => field ?? []; init; }
}

public sealed record ListMeta
{
    public string? ResourceVersion { get; init; }

    public string? Continue { get; init; }

    public long? RemainingItemCount { get; init; }
}
