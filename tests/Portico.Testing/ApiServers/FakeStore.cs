using System.Globalization;
using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Testing.ApiServers;

/// <summary>Objects, their history, and who watches. Every write gets the next resource version.</summary>
internal sealed class FakeStore
{
    private readonly Dictionary<(string Resource, ObjectKey Key), JsonObject> _objects = [];
    private readonly List<(long Version, string Resource, string Type, JsonObject Object)> _history = [];
    private readonly List<FakeWatch> _watches = [];

    public long Version { get; private set; } = 100;

    /// <summary>Older versions are answered with 410.</summary>
    public long Oldest { get; set; }

    public JsonObject? Get(ResourceKind kind, ObjectKey key) => _objects.GetValueOrDefault((kind.GroupResource, key));

    public IReadOnlyList<JsonObject> List(ResourceKind kind, string @namespace) =>
        [.. _objects.Where(item => item.Key.Resource == kind.GroupResource && (@namespace.Length == 0 || item.Key.Key.Namespace == @namespace))
            .OrderBy(item => item.Key.Key.ToString(), StringComparer.Ordinal).Select(item => item.Value)];

    public JsonObject Put(ResourceKind kind, ObjectKey key, JsonObject value)
    {
        var type = _objects.ContainsKey((kind.GroupResource, key)) ? "MODIFIED" : "ADDED";
        value = Stamp(value);
        _objects[(kind.GroupResource, key)] = value;
        Tell(kind, type, value);
        return value;
    }

    public void Remove(ResourceKind kind, ObjectKey key)
    {
        if (_objects.Remove((kind.GroupResource, key), out var value))
        {
            Tell(kind, "DELETED", Stamp(value));
        }
    }

    public void Watch(FakeWatch watch, long from)
    {
        foreach (var (version, resource, type, value) in _history)
        {
            if (version > from && resource == watch.Resource)
            {
                watch.Offer(type, value);
            }
        }

        _watches.Add(watch);
    }

    /// <summary>Ends every open watch.</summary>
    /// <returns>How many there were.</returns>
    public int EndWatches(Exception? error)
    {
        var ended = _watches.Count(watch => watch.End(error));
        _watches.Clear();
        return ended;
    }

    public void Bookmark(ResourceKind kind)
    {
        Version++;
        var meta = new JsonObject { ["resourceVersion"] = Version.ToString(CultureInfo.InvariantCulture) };
        Send(kind.GroupResource, "BOOKMARK", new() { ["kind"] = kind.Kind, ["apiVersion"] = kind.ApiVersion, ["metadata"] = meta });
    }

    private JsonObject Stamp(JsonObject value)
    {
        value = (JsonObject)value.DeepClone();
        ((JsonObject)value["metadata"]!)["resourceVersion"] = (++Version).ToString(CultureInfo.InvariantCulture);
        return value;
    }

    private void Tell(ResourceKind kind, string type, JsonObject value)
    {
        _history.Add((Version, kind.GroupResource, type, value));
        Send(kind.GroupResource, type, value);
    }

    private void Send(string resource, string type, JsonObject value)
    {
        foreach (var watch in _watches.ToList())
        {
            if (watch.Resource == resource && !watch.Offer(type, value))
            {
                _watches.Remove(watch);
            }
        }
    }
}
