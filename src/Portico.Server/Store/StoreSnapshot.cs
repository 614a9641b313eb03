using System.Collections.Immutable;

namespace Portico.Server.Store;

/// <summary>Everything that is stored, at one revision. Immutable.</summary>
internal sealed record StoreSnapshot(long Revision, ImmutableDictionary<string, StoreTable> Tables)
{
    public StoredObject? Get(StoreKey key) => Tables.TryGetValue(key.Resource, out var table) ? table.Get(key) : null;
}
