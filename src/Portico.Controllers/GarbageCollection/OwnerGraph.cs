using Portico.Api.Kinds;
using Portico.Api.Objects;

namespace Portico.Controllers.GarbageCollection;

/// <summary>Who owns whom, by uid. Written by the caches' handlers, read by the collector.</summary>
internal sealed class OwnerGraph
{
    // So many deletions back, an owner that is not in the graph is known to be gone without asking.
    private const int MaxGone = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, OwnedObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _dependents = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly Queue<string> _goneInOrder = [];

    public void Set(OwnedObject item)
    {
        lock (_lock)
        {
            if (_objects.Remove(item.Uid, out var before))
            {
                Unlink(before);
            }

            _objects[item.Uid] = item;
            foreach (var owner in item.Meta.OwnerReferences)
            {
                if (!_dependents.TryGetValue(owner.Uid, out var dependents))
                {
                    _dependents[owner.Uid] = dependents = new(StringComparer.Ordinal);
                }

                dependents.Add(item.Uid);
            }
        }
    }

    public void Remove(string uid)
    {
        lock (_lock)
        {
            if (_objects.Remove(uid, out var item))
            {
                Unlink(item);
            }

            if (_gone.Add(uid))
            {
                _goneInOrder.Enqueue(uid);
                if (_goneInOrder.Count > MaxGone)
                {
                    _gone.Remove(_goneInOrder.Dequeue());
                }
            }
        }
    }

    public OwnedObject? Get(string uid)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(uid);
        }
    }

    /// <summary>The object was seen, and seen deleted. A uid never comes back.</summary>
    public bool IsGone(string uid)
    {
        lock (_lock)
        {
            return _gone.Contains(uid);
        }
    }

    public IReadOnlyList<OwnedObject> DependentsOf(string uid)
    {
        lock (_lock)
        {
            return _dependents.TryGetValue(uid, out var dependents) ? [.. dependents.Select(dependent => _objects[dependent])] : [];
        }
    }

    public IReadOnlyList<string> WithOwners()
    {
        lock (_lock)
        {
            return [.. _objects.Values.Where(item => item.Meta.OwnerReferences.Count > 0 || item.Meta.DeletionTimestamp is not null).Select(item => item.Uid)];
        }
    }

    private void Unlink(OwnedObject item)
    {
        foreach (var owner in item.Meta.OwnerReferences)
        {
            if (_dependents.TryGetValue(owner.Uid, out var dependents) && dependents.Remove(item.Uid) && dependents.Count == 0)
            {
                _dependents.Remove(owner.Uid);
            }
        }
    }
}

/// <summary>An object of any kind, as far as ownership goes.</summary>
internal sealed record OwnedObject(ResourceKind Kind, ObjectMeta Meta)
{
    public string Uid => Meta.Uid ?? "";

    public ObjectKey Key => new(Meta.Namespace, Meta.Name);

    public override string ToString() => $"{Kind.GroupResource} {Key}";
}
