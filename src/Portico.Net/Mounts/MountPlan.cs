namespace Portico.Net.Mounts;

/// <summary>What a process finds at which path, on top of the machine's own files. Nothing of it is seen outside the process's mount namespace.</summary>
public sealed record MountPlan
{
    /// <summary>
    /// An existing, empty directory of the machine. New mount points are made in memory over it, so that none is made on the machine's disks.
    /// </summary>
    public required string Staging { get; init; }

    /// <summary>Directories that start empty, in memory. Mounted first.</summary>
    public IReadOnlyList<string> Empty { get; init; } = [];

    /// <summary>Mounted in this order; a target need not exist.</summary>
    public IReadOnlyList<BindMount> Binds { get; init; } = [];
}
