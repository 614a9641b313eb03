using System.Collections.Immutable;
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

    /// <summary>
    /// Raised after the cache changed, on the writer's thread, in order. Handlers only note the key and return: they must not block or throw.
    /// </summary>
    public event Action<ObjectChange<T>>? Changed;

    /// <summary>Completes when the first list is in the cache.</summary>
    public Task Synced => _synced.Task;

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
    public void Replace(IReadOnlyList<T> items)
    {
        var before = _objects;
        var keys = items.Select(item => ObjectKey.Of(item)).ToHashSet();
        if (before.IsEmpty && Changed is null)
        {
            _objects = items.ToImmutableDictionary(item => ObjectKey.Of(item));
        }
        else
        {
            foreach (var key in before.Keys.Where(key => !keys.Contains(key)))
            {
                Remove(key);
            }

            foreach (var item in items)
            {
                Set(item);
            }
        }

        _synced.TrySetResult();
    }
}
