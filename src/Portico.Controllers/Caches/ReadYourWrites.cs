using System.Globalization;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;

namespace Portico.Controllers.Caches;

/// <summary>
/// A cache together with what we wrote and the cache has not shown yet, so that a decision is never made twice because its own
/// effect was not seen. An entry counts until the cache has reached its resource version; then the cache is right, whatever it says.
/// </summary>
internal sealed class ReadYourWrites<T>
    where T : class, IObject
{
    private readonly ObjectCache<T> _cache;
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, (T Item, long Version)> _written = [];
    private readonly HashSet<string> _deleted = [];

    public ReadYourWrites(ObjectCache<T> cache)
    {
        _cache = cache;
        cache.Changed += OnChanged;
    }

    /// <summary>Notes an object that the API server answered to a create, update or patch.</summary>
    public void Wrote(T item)
    {
        lock (_lock)
        {
            _written[ObjectKey.Of(item)] = (item, VersionOf(item));
        }
    }

    /// <summary>Notes that the API server accepted the deletion of this incarnation of the object.</summary>
    public void Deleted(T item)
    {
        lock (_lock)
        {
            _written.Remove(ObjectKey.Of(item));
            if (item.Metadata.Uid is { } uid && _cache.Get(ObjectKey.Of(item))?.Metadata is { DeletionTimestamp: null } meta && meta.Uid == uid)
            {
                _deleted.Add(uid);
            }
        }
    }

    /// <summary>Forgets what was noted of an object that the API server no longer knows.</summary>
    public void Forget(ObjectKey key)
    {
        lock (_lock)
        {
            _written.Remove(key);
        }
    }

    /// <summary>The newest known state of an object; null when it is gone or going by our own hand.</summary>
    public T? Get(ObjectKey key)
    {
        lock (_lock)
        {
            var reached = _cache.Version;
            return Newest(key, _cache.Get(key), reached);
        }
    }

    /// <summary>The newest known state of cached objects, with those that the cache does not have yet.</summary>
    /// <param name="read">Takes the cached ones, from an index or the cache itself. Called after the cache's version was read.</param>
    /// <param name="belongs">Whether an object that is not in the cache yet is one of them.</param>
    public List<T> Read(Func<IEnumerable<T>> read, Func<T, bool> belongs)
    {
        lock (_lock)
        {
            var reached = _cache.Version;
            var result = new List<T>();
            var seen = new HashSet<ObjectKey>();
            foreach (var cached in read())
            {
                var key = ObjectKey.Of(cached);
                seen.Add(key);
                if (Newest(key, cached, reached) is { } item)
                {
                    result.Add(item);
                }
            }

            foreach (var key in _written.Keys.Where(key => !seen.Contains(key)).ToList())
            {
                if (Newest(key, null, reached) is { } item && belongs(item))
                {
                    result.Add(item);
                }
            }

            return result;
        }
    }

    private static long VersionOf(T item) =>
        long.TryParse(item.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    private T? Newest(ObjectKey key, T? cached, long reached)
    {
        if (_written.TryGetValue(key, out var written))
        {
            if (written.Version > reached && (cached is null || VersionOf(cached) < written.Version))
            {
                return written.Item;
            }

            _written.Remove(key);
        }

        return cached?.Metadata.Uid is { } uid && _deleted.Contains(uid) ? null : cached;
    }

    private void OnChanged(ObjectChange<T> change)
    {
        // Once the deletion shows in the cache, the cache says it itself.
        if (change.Old?.Metadata.Uid is { } uid && (change.New is null || change.New.Metadata.DeletionTimestamp is not null || change.New.Metadata.Uid != uid))
        {
            lock (_lock)
            {
                _deleted.Remove(uid);
            }
        }
    }
}
