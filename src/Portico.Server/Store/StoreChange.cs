namespace Portico.Server.Store;

/// <summary>One change of one resource, and the way to the next: a reader that holds a change can follow the log without a lock.</summary>
internal sealed class StoreChange(long revision, StoredObject? before, StoredObject? after, StoredObject? removed)
{
    private volatile StoreChange? _next;

    public long Revision { get; } = revision;

    /// <summary>Null: created.</summary>
    public StoredObject? Before { get; } = before;

    /// <summary>Null: deleted.</summary>
    public StoredObject? After { get; } = after;

    /// <summary>The last state of a deleted object, with the revision of its deletion.</summary>
    public StoredObject? Removed { get; } = removed;

    public StoreChange? Next { get => _next; set => _next = value; }

    public int Size => (After ?? Removed)?.Json.Length ?? 0;
}
