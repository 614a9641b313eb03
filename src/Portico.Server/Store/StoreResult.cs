namespace Portico.Server.Store;

internal enum StoreOutcome
{
    Done,
    AlreadyExists,
    NotFound,

    /// <summary>The object has another revision than the writer saw.</summary>
    Conflict,

    /// <summary>The disk refused; nothing was changed.</summary>
    Unavailable,
}

/// <summary>What became of a write.</summary>
/// <param name="Object">The stored object when done; the last state with the revision of the deletion after a delete.</param>
/// <param name="Problem">What the disk said, when unavailable.</param>
internal readonly record struct StoreResult(StoreOutcome Outcome, StoredObject? Object, string? Problem = null);
