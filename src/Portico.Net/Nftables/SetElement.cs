namespace Portico.Net.Nftables;

/// <summary>
/// One element of a set or map. <paramref name="KeyEnd"/> is empty but in interval sets; a map's element has <paramref name="Data"/> or,
/// in a verdict map, the chain to go to.
/// </summary>
public readonly record struct SetElement(string Set, ElementBytes Key, ElementBytes KeyEnd, ElementBytes Data, string? Goto)
{
    /// <summary>What its counter has counted, in sets whose elements have one.</summary>
    public ulong Packets { get; init; }

    /// <summary>What tells one element of a table from another.</summary>
    public (string Set, ElementBytes Key, ElementBytes KeyEnd) Identity => (Set, Key, KeyEnd);

    public static SetElement Member(string set, ElementBytes key) => new(set, key, ElementBytes.None, ElementBytes.None, null);

    public static SetElement Range(string set, ElementBytes first, ElementBytes last) => new(set, first, last, ElementBytes.None, null);

    public static SetElement Value(string set, ElementBytes key, ElementBytes data) => new(set, key, ElementBytes.None, data, null);

    public static SetElement Verdict(string set, ElementBytes key, string chain) => new(set, key, ElementBytes.None, ElementBytes.None, chain);
}
