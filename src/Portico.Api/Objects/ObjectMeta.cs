namespace Portico.Api.Objects;

/// <summary>meta/v1 ObjectMeta. Lists and maps are never null.</summary>
public sealed record ObjectMeta
{
    public string Name { get => field ?? ""; init; }

    public string? GenerateName { get; init; }

    /// <summary>Empty for cluster-scoped kinds.</summary>
    public string Namespace { get => field ?? ""; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public long? Generation { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    public DateTimeOffset? DeletionTimestamp { get; init; }

    public long? DeletionGracePeriodSeconds { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get => field ?? Empty.Map; init; }

    public IReadOnlyDictionary<string, string> Annotations { get => field ?? Empty.Map; init; }

    public IReadOnlyList<OwnerReference> OwnerReferences { get => field ?? []; init; }

    public IReadOnlyList<string> Finalizers { get => field ?? []; init; }

    /// <summary>The owner that manages this object, if one does.</summary>
    public OwnerReference? ControllerOwner()
    {
        foreach (var owner in OwnerReferences)
        {
            if (owner.Controller == true)
            {
                return owner;
            }
        }

        return null;
    }
}
