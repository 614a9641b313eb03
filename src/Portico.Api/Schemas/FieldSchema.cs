namespace Portico.Api.Schemas;

/// <summary>One field of an object.</summary>
public sealed class FieldSchema
{
    public required string Name { get; init; }

    public required ValueSchema Value { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The API refuses objects without it.</summary>
    public bool Required { get; init; }

    public PatchStrategy PatchStrategy { get; init; }

    /// <summary>Field that tells the objects of a merged list apart; null when the list holds plain values.</summary>
    public string? MergeKey { get; init; }

    public ListType ListType { get; init; }

    /// <summary>Fields that together identify an element of a list of type map.</summary>
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>The object must be replaced as a whole (x-kubernetes-map-type: atomic).</summary>
    public bool AtomicMap { get; init; }
}
