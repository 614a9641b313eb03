using System.Collections.Immutable;

namespace Portico.Server.Store;

/// <summary>All objects of a resource at one revision, and the changes that led there as far back as they are kept. Immutable.</summary>
/// <param name="Oldest">Changes after this one are kept.</param>
/// <param name="Newest">The last change; equal to <paramref name="Oldest"/> when none is kept.</param>
/// <param name="LogLength">Number of changes kept.</param>
/// <param name="LogSize">Their bytes.</param>
internal sealed record StoreTable(
    ImmutableSortedSet<StoredObject> Objects, StoreChange Oldest, StoreChange Newest, int LogLength, long LogSize)
{
    // Enough for a watcher that was away for seconds under load; a list costs little more than replaying this.
    private const int MaxLogLength = 4096;
    private const long MaxLogSize = 8 * 1024 * 1024;

    public static StoreTable From(IEnumerable<StoredObject> objects, long revision)
    {
        var origin = new StoreChange(revision, null, null, null);
        return new(objects.ToImmutableSortedSet(StoredObjectOrder.Instance), origin, origin, 0, 0);
    }

    public StoredObject? Get(StoreKey key)
    {
        var probe = new StoredObject(key, 0, []);
        return Objects.TryGetValue(probe, out var found) && !ReferenceEquals(found, probe) ? found : null;
    }

    /// <summary>The table after <paramref name="change"/>. Does not link the change: it becomes visible to followers when its owner does.</summary>
    public StoreTable With(StoreChange change)
    {
        var objects = change.Before is { } before ? Objects.Remove(before) : Objects;
        if (change.After is { } after)
        {
            objects = objects.Add(after);
        }

        return new(objects, Oldest, change, LogLength + 1, LogSize + change.Size);
    }

    /// <summary>Drops the oldest changes beyond the bounds of the log. Every change must be linked.</summary>
    public StoreTable Trimmed()
    {
        var (oldest, length, size) = (Oldest, LogLength, LogSize);
        while (length > MaxLogLength || (size > MaxLogSize && length > 1))
        {
            oldest = oldest.Next!;
            length--;
            size -= oldest.Size;
        }

        return ReferenceEquals(oldest, Oldest) ? this : this with { Oldest = oldest, LogLength = length, LogSize = size };
    }

    /// <summary>The objects as they were at an earlier revision; null when the log does not reach back so far.</summary>
    public ImmutableSortedSet<StoredObject>? At(long revision)
    {
        if (revision < Oldest.Revision)
        {
            return null;
        }

        var objects = Objects.ToBuilder();
        var undone = new HashSet<StoreKey>();
        for (var change = Oldest; !ReferenceEquals(change, Newest);)
        {
            change = change.Next!;
            var key = (change.Before ?? change.After)!.Key;
            if (change.Revision > revision && undone.Add(key))
            {
                objects.Remove(new StoredObject(key, 0, []));
                if (change.Before is { } before)
                {
                    objects.Add(before);
                }
            }
        }

        return objects.ToImmutable();
    }
}
