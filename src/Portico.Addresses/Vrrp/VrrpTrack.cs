namespace Portico.Addresses.Vrrp;

/// <summary>Something that a group's priority, or its right to stand at all, depends on.</summary>
public abstract record VrrpTrack
{
    private protected VrrpTrack()
    {
    }

    /// <summary>
    /// As keepalived's: 0 takes the group out while it fails; a positive weight is added to the priority while it succeeds, a negative one while it fails.
    /// From -253 to 253.
    /// </summary>
    public int Weight { get; init; }

    /// <summary>What a person calls it: <c>interface eth1</c>.</summary>
    public abstract string Name { get; }
}
