namespace Portico.Api.Schemas;

/// <summary>How a strategic merge patch treats a field. Flags, because a volume list has both.</summary>
[Flags]
public enum PatchStrategy
{
    /// <summary>A list is replaced, an object is merged field by field.</summary>
    Replace = 0,

    /// <summary>A list is merged: objects by <see cref="FieldSchema.MergeKey"/>, plain values as a set.</summary>
    Merge = 1,

    /// <summary>The patch names the fields to keep in <c>$retainKeys</c>; the others are cleared.</summary>
    RetainKeys = 2,
}
