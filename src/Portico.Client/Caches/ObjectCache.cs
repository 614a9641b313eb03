using System.Collections.Immutable;
using System.Globalization;
using Portico.Api.Kinds;
using Portico.Api.Objects;

namespace Portico.Client.Caches;

/// <summary>
/// The objects of one kind as last seen. One writer (its <see cref="Reflector{T}"/>, or a test), any number of readers, no locks.
/// </summary>
public sealed class ObjectCache<T>
    where T : class, IObject
{
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ImmutableDictionary<ObjectKey, T> _objects = ImmutableDictionary<ObjectKey, T>.Empty;
    private long _version;

    /// <summary>
    /// Raised after the cache changed, on the writer's thread, in order. Handlers only note the key and return: they must not block or throw.
    /// </summary>
    public event Action<ObjectChange<T>>? Changed;

    /// <summary>Completes when the first list is in the cache.</summary>
    public Task Synced => _synced.Task;

    /// <summary>
    /// Everything up to this resource version is in the cache. Read it before <see cref="Snapshot"/>. 0 when unknown.
    /// Resource versions are comparable numbers (KEP-5504).
    /// </summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>A consistent picture of everything.</summary>
    public ImmutableDictionary<ObjectKey, T> Snapshot => _objects;

    public IEnumerable<T> Items => _objects.Values;

    public T? Get(ObjectKey key) => _objects.GetValueOrDefault(key);

    public void Set(T item)
    {
        var key = ObjectKey.Of(item);
        var old = Get(key);
        if (old is not null && old.Metadata.ResourceVersion is { } version && version == item.Metadata.ResourceVersion)
        {
            return;
        }

        _objects = _objects.SetItem(key, item);
        Changed?.Invoke(new(key, old, item));
    }

    public void Remove(ObjectKey key)
    {
        if (Get(key) is { } old)
        {
            _objects = _objects.Remove(key);
            Changed?.Invoke(new(key, old, null));
        }
    }

    /// <summary>Takes over a whole list: what is not in it is reported deleted, also when its deletion was never seen.</summary>
    public void Replace(IReadOnlyList<T> items, string? resourceVersion = null)
    {
        var before = _objects;
        if (before.IsEmpty && Changed is null)
        {
            _objects = items.ToImmutableDictionary(item => ObjectKey.Of(item));
        }
        else
        {
            var keys = items.Select(item => ObjectKey.Of(item)).ToHashSet();
            foreach (var key in before.Keys.Where(key => !keys.Contains(key)))
            {
                Remove(key);
            }

            foreach (var item in items)
            {
                Take(item);
            }
        }

        Advance(resourceVersion);
        _synced.TrySetResult();
    }

    /// <summary>Notes that every change up to <paramref name="resourceVersion"/> has been applied.</summary>
    public void Advance(string? resourceVersion)
    {
        if (long.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            Volatile.Write(ref _version, version);
        }
    }

    // Deleted and made again under the same name while nobody watched: users of uids must see both.
    private void Take(T item)
    {
        var key = ObjectKey.Of(item);
        if (Get(key) is { Metadata.Uid: { } uid } && item.Metadata.Uid is { } now && uid != now)
        {
            Remove(key);
        }

        Set(item);
    }
}
