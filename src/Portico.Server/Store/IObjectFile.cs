namespace Portico.Server.Store;

/// <summary>What is on disk under the store: the last version of every object, and the last revision.</summary>
internal interface IObjectFile : IDisposable
{
    (long Revision, IReadOnlyList<StoredObject> Objects) Load();

    /// <summary>Makes the changes durable, all or none.</summary>
    /// <exception cref="IOException">None was; the message says why.</exception>
    void Append(IReadOnlyList<StoreChange> changes);
}
