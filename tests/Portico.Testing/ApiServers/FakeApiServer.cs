using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Patches;
using Portico.Api.Schemas;
using Portico.Api.Selectors;
using Portico.Client.Connections;
using Portico.Client.Requests;

namespace Portico.Testing.ApiServers;

/// <summary>
/// A Kubernetes API in memory, for the known kinds: what clients and controllers rely on (resource versions, watches, patches, status
/// subresources, bindings, finalizers), without defaulting and validation. Faults are made to order.
/// </summary>
public sealed class FakeApiServer : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly FakeStore _store = new();
    private readonly List<string> _requests = [];
    private readonly TimeProvider _time;
    private int _names;

    public FakeApiServer(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Client = new(new KubernetesConnection(new() { Server = new("http://api.test") }, this));
    }

    public KubernetesClient Client { get; }

    /// <summary>Asked before every request; what it answers is the answer. It may throw as a network would.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? Fault { get; set; }

    /// <summary>"METHOD path" of every request so far, with "WATCH" for watches, without the query.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    public void ClearRequests()
    {
        lock (_lock)
        {
            _requests.Clear();
        }
    }

    public T? Get<T>(ResourceKind<T> kind, string @namespace, string name)
        where T : class, IObject
    {
        lock (_lock)
        {
            return _store.Get(kind.Resource, new(@namespace, name)) is { } found ? found.Deserialize(kind.TypeInfo) : null;
        }
    }

    public IReadOnlyList<T> List<T>(ResourceKind<T> kind, string @namespace = "")
        where T : class, IObject
    {
        lock (_lock)
        {
            return [.. _store.List(kind.Resource, @namespace).Select(item => item.Deserialize(kind.TypeInfo)!)];
        }
    }

    /// <summary>Writes an object whole, its status too, as nobody could through the API.</summary>
    public T Put<T>(ResourceKind<T> kind, T item)
        where T : class, IObject
    {
        lock (_lock)
        {
            var node = (JsonObject)JsonSerializer.SerializeToNode(item, kind.TypeInfo)!;
            var key = ObjectKey.Of(item);
            Complete(kind.Resource, node, _store.Get(kind.Resource, key));
            return _store.Put(kind.Resource, key, node).Deserialize(kind.TypeInfo)!;
        }
    }

    /// <summary>Removes an object at once, whatever its finalizers.</summary>
    public void Remove<T>(ResourceKind<T> kind, string @namespace, string name)
        where T : class, IObject
    {
        lock (_lock)
        {
            _store.Remove(kind.Resource, new(@namespace, name));
        }
    }

    /// <summary>Ends all open watches, cleanly or with an error of the connection.</summary>
    /// <returns>How many there were.</returns>
    public int EndWatches(Exception? error = null)
    {
        lock (_lock)
        {
            return _store.EndWatches(error);
        }
    }

    /// <summary>Forgets history: watches from an earlier version are answered with 410.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _store.Oldest = _store.Version;
        }
    }

    /// <summary>Raises the version and tells the watches of this kind by a bookmark.</summary>
    public void Bookmark(ResourceKind kind)
    {
        lock (_lock)
        {
            _store.Bookmark(kind);
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        var query = request.RequestUri!.Query;
        lock (_lock)
        {
            var verb = query.Contains("watch=true", StringComparison.Ordinal) ? "WATCH" : request.Method.Method;
            _requests.Add($"{verb} {request.RequestUri.AbsolutePath}");
        }

        if (Fault?.Invoke(request) is { } fault)
        {
            return fault;
        }

        lock (_lock)
        {
            return FakePath.TryParse(request.RequestUri.AbsolutePath, out var path)
                ? Answer(request, path, query, body)
                : Refuse(404, "NotFound", "no such resource");
        }
    }

    private HttpResponseMessage Answer(HttpRequestMessage request, FakePath path, string query, string? body)
    {
        var parameters = System.Web.HttpUtility.ParseQueryString(query);
        var type = request.Content?.Headers.ContentType?.MediaType;
        return (request.Method.Method, path) switch
        {
            ("GET", { Name: null }) when parameters["watch"] == "true" => Watch(path, parameters["resourceVersion"]),
            ("GET", { Name: null }) => ListAnswer(path, parameters["labelSelector"], parameters["fieldSelector"]),
            ("GET", _) => _store.Get(path.Kind, path.Key) is { } found ? Ok(found) : NotFound(path),
            ("POST", { Name: null }) => Create(path, Parse(body)),
            ("POST", { Subresource: "binding" }) => Bind(path, Parse(body)),
            ("PUT", { Subresource: "finalize" }) => FinalizeNamespace(path, Parse(body)),
            ("PUT", _) => Write(path, Parse(body), _ => Parse(body)),
            ("PATCH", _) => Write(path, Parse(body), current => Patch(path.Kind, current, Parse(body), type)),
            ("DELETE", { Name: null }) => DeleteAll(path),
            ("DELETE", _) => Delete(path, Parse(body)),
            _ => Refuse(405, "MethodNotAllowed", "not here"),
        };
    }

    private HttpResponseMessage Watch(FakePath path, string? resourceVersion)
    {
        var from = long.Parse(resourceVersion!, CultureInfo.InvariantCulture);
        if (from < _store.Oldest)
        {
            return Refuse(410, "Expired", $"too old resource version: {from}");
        }

        var watch = new FakeWatch(path.Kind.GroupResource, path.Namespace);
        _store.Watch(watch, from);
        return new(HttpStatusCode.OK) { Content = new StreamContent(watch.Body) };
    }

    private HttpResponseMessage ListAnswer(FakePath path, string? labels, string? fields)
    {
        IEnumerable<JsonObject> items = _store.List(path.Kind, path.Namespace);
        if (labels is { Length: > 0 })
        {
            if (!LabelMatcher.TryParse(labels, out var matcher, out var error))
            {
                return Refuse(400, "BadRequest", error ?? "labelSelector");
            }

            items = items.Where(item => matcher.Matches(item.Deserialize(ApiJson.TypeInfo<ObjectMetaOnly>())!.Metadata.Labels));
        }

        if (fields is { Length: > 0 })
        {
            items = items.Where(item => fields == $"metadata.name={(string?)item["metadata"]!["name"]}");
        }

        return Ok(new JsonObject
        {
            ["apiVersion"] = path.Kind.ApiVersion,
            ["kind"] = path.Kind.Kind + "List",
            ["metadata"] = new JsonObject { ["resourceVersion"] = _store.Version.ToString(CultureInfo.InvariantCulture) },
            ["items"] = new JsonArray([.. items.Select(item => item.DeepClone())]),
        });
    }

    private HttpResponseMessage Create(FakePath path, JsonObject item)
    {
        var meta = Meta(item);
        if (meta["name"] is null)
        {
            meta["name"] = $"{(string?)meta["generateName"]}{(++_names).ToString("d5", CultureInfo.InvariantCulture)}";
        }

        if (path.Kind.Namespaced)
        {
            meta["namespace"] = path.Namespace;
        }

        var key = new ObjectKey(path.Namespace, (string)meta["name"]!);
        if (_store.Get(path.Kind, key) is not null)
        {
            return Refuse(409, "AlreadyExists", $"{path.Kind.GroupResource} \"{key.Name}\" already exists");
        }

        if (path.Kind.HasStatus)
        {
            item.Remove("status");
        }

        Complete(path.Kind, item, null);
        return Ok(_store.Put(path.Kind, key, item), HttpStatusCode.Created);
    }

    private HttpResponseMessage Write(FakePath path, JsonObject sent, Func<JsonObject, JsonObject> change)
    {
        if (_store.Get(path.Kind, path.Key) is not { } current)
        {
            return NotFound(path);
        }

        var sentMeta = sent["metadata"] as JsonObject;
        if ((sentMeta?["resourceVersion"] is { } version && (string?)version != (string?)current["metadata"]!["resourceVersion"])
            || (sentMeta?["uid"] is { } uid && (string?)uid != (string?)current["metadata"]!["uid"]))
        {
            return Refuse(409, "Conflict", "the object has been modified; please apply your changes to the latest version and try again");
        }

        var next = change((JsonObject)current.DeepClone());
        if (path.Subresource == "status")
        {
            var whole = (JsonObject)current.DeepClone();
            whole["status"] = next["status"]?.DeepClone();
            next = whole;
        }
        else if (path.Kind.HasStatus)
        {
            next["status"] = current["status"]?.DeepClone();
        }

        Complete(path.Kind, next, current);
        if (Same(next, current))
        {
            return Ok(current);
        }

        if (IsLetGo(next))
        {
            _store.Remove(path.Kind, path.Key);
            return Ok(next);
        }

        return Ok(_store.Put(path.Kind, path.Key, next));
    }

    private static JsonObject Patch(ResourceKind kind, JsonObject current, JsonObject patch, string? type) =>
        (type == PatchType.StrategicMerge
            ? StrategicMergePatch.Apply(current, patch, KindSchemas.For(kind))
            : Portico.Api.Patches.MergePatch.Apply(current, patch)).Object!;

    private HttpResponseMessage Bind(FakePath path, JsonObject binding)
    {
        if (_store.Get(path.Kind, path.Key) is not { } current)
        {
            return NotFound(path);
        }

        var pod = (JsonObject)current.DeepClone();
        if (pod["spec"]?["nodeName"] is not null)
        {
            return Refuse(409, "Conflict", "pod is already assigned to a node");
        }

        ((JsonObject)pod["spec"]!)["nodeName"] = (string?)binding["target"]!["name"];
        _store.Put(path.Kind, path.Key, pod);
        return Ok(new() { ["kind"] = "Status", ["status"] = "Success" }, HttpStatusCode.Created);
    }

    private HttpResponseMessage FinalizeNamespace(FakePath path, JsonObject sent)
    {
        if (_store.Get(path.Kind, path.Key) is not { } current)
        {
            return NotFound(path);
        }

        var next = (JsonObject)current.DeepClone();
        next["spec"] = sent["spec"]?.DeepClone();
        if (next["spec"]?["finalizers"] is not JsonArray { Count: > 0 } && next["metadata"]!["deletionTimestamp"] is not null)
        {
            _store.Remove(path.Kind, path.Key);
            return Ok(next);
        }

        return Ok(_store.Put(path.Kind, path.Key, next));
    }

    private HttpResponseMessage DeleteAll(FakePath path)
    {
        foreach (var item in _store.List(path.Kind, path.Namespace))
        {
            Delete(path with { Name = (string)item["metadata"]!["name"]! }, []);
        }

        return Ok(new() { ["kind"] = "Status", ["status"] = "Success" });
    }

    private HttpResponseMessage Delete(FakePath path, JsonObject options)
    {
        if (_store.Get(path.Kind, path.Key) is not { } current)
        {
            return NotFound(path);
        }

        if (options["preconditions"]?["uid"] is { } uid && (string?)uid != (string?)current["metadata"]!["uid"])
        {
            return Refuse(409, "Conflict", "the UID in the precondition does not match");
        }

        var next = (JsonObject)current.DeepClone();
        var meta = Meta(next);
        var finalizers = meta["finalizers"] as JsonArray ?? [];
        var wanted = (string?)options["propagationPolicy"] switch { "Foreground" => "foregroundDeletion", "Orphan" => "orphan", _ => null };
        if (wanted is not null && !finalizers.Any(name => (string?)name == wanted))
        {
            finalizers = new JsonArray([.. finalizers.Select(name => name!.DeepClone()), wanted]);
            meta["finalizers"] = finalizers;
        }

        // A pod that a node has goes when the node says so.
        var grace = (long?)options["gracePeriodSeconds"] ?? (path.Kind.Kind == "Pod" && next["spec"]?["nodeName"] is not null ? 30 : 0);
        var waits = finalizers.Count > 0 || grace > 0 || (path.Kind.Kind == "Namespace" && next["spec"]?["finalizers"] is JsonArray { Count: > 0 });
        if (!waits)
        {
            _store.Remove(path.Kind, path.Key);
            return Ok(next);
        }

        if (meta["deletionTimestamp"] is null)
        {
            meta["deletionTimestamp"] = TimeConverter.Format(_time.GetUtcNow().AddSeconds(grace));
            meta["deletionGracePeriodSeconds"] = grace;
            next = _store.Put(path.Kind, path.Key, next);
        }

        return Ok(next);
    }

    private void Complete(ResourceKind kind, JsonObject item, JsonObject? before)
    {
        var meta = Meta(item);
        var old = before?["metadata"];
        item["apiVersion"] = kind.ApiVersion;
        item["kind"] = kind.Kind;
        meta["uid"] ??= (string?)old?["uid"] ?? $"uid-{++_names}";
        meta["creationTimestamp"] ??= (string?)old?["creationTimestamp"] ?? TimeConverter.Format(_time.GetUtcNow());
        var changed = before is null || !JsonNode.DeepEquals(item["spec"], before["spec"]);
        meta["generation"] = ((long?)old?["generation"] ?? 0) + (changed ? 1 : 0);
    }

    private static bool Same(JsonObject left, JsonObject right)
    {
        var (one, other) = ((JsonObject)left.DeepClone(), (JsonObject)right.DeepClone());
        Meta(one).Remove("resourceVersion");
        Meta(other).Remove("resourceVersion");
        return JsonNode.DeepEquals(one, other);
    }

    private static bool IsLetGo(JsonObject item) =>
        item["metadata"]!["deletionTimestamp"] is not null && item["metadata"]!["finalizers"] is not JsonArray { Count: > 0 }
        && ((long?)item["metadata"]!["deletionGracePeriodSeconds"] ?? 0) == 0;

    private static JsonObject Meta(JsonObject item)
    {
        if (item["metadata"] is not JsonObject meta)
        {
            item["metadata"] = meta = [];
        }

        return meta;
    }

    private static JsonObject Parse(string? body) => body is { Length: > 0 } ? (JsonObject)JsonNode.Parse(body)! : [];

    private static HttpResponseMessage NotFound(FakePath path) => Refuse(404, "NotFound", $"{path.Kind.GroupResource} \"{path.Name}\" not found");

    private static HttpResponseMessage Ok(JsonObject item, HttpStatusCode code = HttpStatusCode.OK) =>
        new(code) { Content = new StringContent(item.ToJsonString(), Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Refuse(int code, string reason, string message) => new((HttpStatusCode)code)
    {
        Content = new StringContent(
            new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["reason"] = reason, ["message"] = message, ["code"] = code }
                .ToJsonString(),
            Encoding.UTF8,
            "application/json"),
    };
}
