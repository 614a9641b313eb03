namespace Portico.Server.Store;

/// <summary>
/// Versioned objects. Revisions grow over the whole store and never repeat. A write that was answered as done is durable.
/// Reads never wait.
/// </summary>
internal interface IObjectStore : IAsyncDisposable
{
    /// <summary>Of the last write.</summary>
    long Revision { get; }

    StoredObject? Get(StoreKey key);

    /// <summary>All objects of a resource now, or at an earlier revision; null when that one is compacted.</summary>
    StoreListing? List(string resource, long? revision = null);

    /// <summary>Follows the changes after <paramref name="revision"/>; null when that one is compacted.</summary>
    IChangeCursor? Watch(string resource, long revision);

    Task<StoreResult> WriteAsync(StoreWrite write);

    /// <summary>Number of objects by resource.</summary>
    IReadOnlyDictionary<string, int> Count();
}
