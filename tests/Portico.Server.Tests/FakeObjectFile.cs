using Portico.Server.Store;

namespace Portico.Server.Tests;

/// <summary>A disk in memory that can refuse.</summary>
internal sealed class FakeObjectFile : IObjectFile
{
    private readonly Dictionary<StoreKey, StoredObject> _objects = [];
    private long _revision;

    /// <summary>Set: writes fail with this message.</summary>
    public string? Refusal { get; set; }

    public int Groups { get; private set; }

    public (long Revision, IReadOnlyList<StoredObject> Objects) Load() => (_revision, [.. _objects.Values]);

    public void Append(IReadOnlyList<StoreChange> changes)
    {
        if (Refusal is not null)
        {
            throw new IOException(Refusal);
        }

        Groups++;
        foreach (var change in changes)
        {
            var key = (change.Before ?? change.After)!.Key;
            if (change.After is { } item)
            {
                _objects[key] = item;
            }
            else
            {
                _objects.Remove(key);
            }
        }

        _revision = changes[^1].Revision;
    }

    public void Dispose()
    {
    }
}
