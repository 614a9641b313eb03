using Portico.Api.Objects;

namespace Portico.Controllers.GarbageCollection;

/// <summary>How an owner is.</summary>
internal enum OwnerState
{
    /// <summary>There, or of a kind that is not known here: nothing may be concluded.</summary>
    Solid,

    /// <summary>Not there, or another object has its name now.</summary>
    Dangling,

    /// <summary>Being deleted in the foreground: it goes when its dependents are gone.</summary>
    Waiting,
}

/// <summary>What becomes of an object by its owners, as upstream's collector decides.</summary>
internal abstract record Collection
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    private Collection()
    {
    }

    /// <param name="owners">The object's owner references with the state of each.</param>
    /// <param name="hasDependents">Whether the object owns others itself.</param>
    public static Collection Compute(ObjectMeta item, IReadOnlyList<(OwnerReference Reference, OwnerState State)> owners, bool hasDependents)
    {
        var lost = owners.Where(owner => owner.State != OwnerState.Solid).Select(owner => owner.Reference.Uid).ToList();
        if (lost.Count == 0 || item.DeletionTimestamp is not null)
        {
            return new Keep();
        }

        if (lost.Count < owners.Count)
        {
            return new Unlink(lost);
        }

        if (hasDependents && owners.Any(owner => owner.State == OwnerState.Waiting))
        {
            return new Delete("Foreground");
        }

        return new Delete(item.Finalizers.Contains(OrphanFinalizer) ? "Orphan" : item.Finalizers.Contains(ForegroundFinalizer) ? "Foreground" : "Background");
    }

    public sealed record Keep : Collection;

    /// <summary>Other owners are left: only the references to the lost ones go.</summary>
    public sealed record Unlink(IReadOnlyList<string> Uids) : Collection;

    public sealed record Delete(string PropagationPolicy) : Collection;
}
