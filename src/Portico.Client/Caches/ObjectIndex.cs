using System.Collections.Immutable;
using Portico.Api.Kinds;
using Portico.Api.Objects;

namespace Portico.Client.Caches;

/// <summary>
/// Objects of a cache by something else than their name: pods by node, slices by service. Fed by <see cref="ObjectCache{T}.Changed"/>,
/// so make it before other handlers subscribe: they then see it up to date.
/// </summary>
public sealed class ObjectIndex<T>
    where T : class, IObject
{
    private readonly Func<T, string?> _valueOf;
    private volatile ImmutableDictionary<string, ImmutableDictionary<ObjectKey, T>> _byValue =
        ImmutableDictionary.Create<string, ImmutableDictionary<ObjectKey, T>>(StringComparer.Ordinal);

    /// <param name="valueOf">The value that an object is found by; null: it is not in the index.</param>
    public ObjectIndex(ObjectCache<T> cache, Func<T, string?> valueOf)
    {
        _valueOf = valueOf;
        foreach (var item in cache.Items)
        {
            Put(item);
        }

        cache.Changed += OnChanged;
    }

    /// <summary>A consistent picture of the objects with this value.</summary>
    public IEnumerable<T> this[string value] => _byValue.TryGetValue(value, out var items) ? items.Values : [];

    public IEnumerable<string> Values => _byValue.Keys;

    private void OnChanged(ObjectChange<T> change)
    {
        var before = change.Old is null ? null : _valueOf(change.Old);
        if (before is not null && (change.New is null || _valueOf(change.New) != before))
        {
            var rest = _byValue[before].Remove(change.Key);
            _byValue = rest.IsEmpty ? _byValue.Remove(before) : _byValue.SetItem(before, rest);
        }

        if (change.New is not null)
        {
            Put(change.New);
        }
    }

    private void Put(T item)
    {
        if (_valueOf(item) is { } value)
        {
            var items = _byValue.GetValueOrDefault(value) ?? ImmutableDictionary<ObjectKey, T>.Empty;
            _byValue = _byValue.SetItem(value, items.SetItem(ObjectKey.Of(item), item));
        }
    }
}
