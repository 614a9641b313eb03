using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Connections;
using Portico.Client.Requests;

namespace Portico.Addresses.Tests.Allocations;

/// <summary>
/// As much of an API server as the allocator needs: Services with merge patches and optimistic locking, and the Events that are written.
/// The cache learns of a write only when <see cref="Deliver"/> says so, as with a real watch.
/// </summary>
internal sealed class FakeServiceApi : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _services = [];
    private readonly ConcurrentQueue<string> _events = new();
    private long _version = 100;

    public FakeServiceApi() => Client = new(new KubernetesConnection(new Credentials { Server = new Uri("https://api.test") }, this));

    public KubernetesClient Client { get; }

    public ObjectCache<Service> Cache { get; } = new();

    /// <summary>Writes to deliver to the cache at once. False: only by <see cref="Deliver"/>.</summary>
    public bool Live { get; set; } = true;

    /// <summary>Answers 500 to writes on a Service of this name.</summary>
    public string? Broken { get; set; }

    /// <summary>"Type reason object: message", in order.</summary>
    public IEnumerable<string> Events => _events;

    /// <summary>As a user would, and seen by the cache.</summary>
    public void Put(Service service)
    {
        Store(service);
        Deliver();
    }

    /// <summary>As a user would, and not yet seen by the cache.</summary>
    public Service Store(Service service)
    {
        lock (_lock)
        {
            var json = JsonSerializer.SerializeToNode(service, ApiJson.TypeInfo<Service>())!.AsObject();
            Store(service.Metadata.Name, json);
            return Read(json);
        }
    }

    public void Change(string name, Func<Service, Service> change) => Put(change(Get(name)));

    public void Delete(string name)
    {
        lock (_lock)
        {
            if (_services[name]["metadata"]!["finalizers"] is JsonArray { Count: > 0 })
            {
                _services[name]["metadata"]!["deletionTimestamp"] = "2026-01-02T13:00:00Z";
                Store(name, _services[name]);
            }
            else
            {
                _services.Remove(name);
            }
        }

        Deliver();
    }

    public Service Get(string name)
    {
        lock (_lock)
        {
            return Read(_services[name]);
        }
    }

    public bool Exists(string name)
    {
        lock (_lock)
        {
            return _services.ContainsKey(name);
        }
    }

    /// <summary>Brings the cache up to date.</summary>
    public void Deliver()
    {
        lock (_lock)
        {
            Cache.Replace([.. _services.Values.Select(Read)]);
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!.AsObject();
        var parts = request.RequestUri!.AbsolutePath.Trim('/').Split('/');
        if (request.Method == HttpMethod.Post)
        {
            _events.Enqueue($"{body["type"]} {body["reason"]} {body["involvedObject"]!["name"]}: {body["message"]}");
            return Answer(HttpStatusCode.Created, body);
        }

        var answer = Patch(parts[5], parts.Length > 6, body);
        if (Live)
        {
            Deliver();
        }

        return answer;
    }

    private HttpResponseMessage Patch(string name, bool status, JsonObject patch)
    {
        lock (_lock)
        {
            if (name == Broken)
            {
                return Answer(HttpStatusCode.InternalServerError, new() { ["kind"] = "Status", ["reason"] = "InternalError", ["message"] = "broken" });
            }

            if (!_services.TryGetValue(name, out var service))
            {
                return Answer(HttpStatusCode.NotFound, new() { ["kind"] = "Status", ["reason"] = "NotFound" });
            }

            if (patch["metadata"]?["resourceVersion"] is { } expected && (string?)expected != (string?)service["metadata"]!["resourceVersion"])
            {
                return Answer(HttpStatusCode.Conflict, new() { ["kind"] = "Status", ["reason"] = "Conflict", ["message"] = $"{name} was changed" });
            }

            var next = service.DeepClone().AsObject();
            var member = status ? "status" : "metadata";
            next[member] = Merge(next[member], patch[member]);
            Store(name, next);
            if (next["metadata"]!["deletionTimestamp"] is not null && next["metadata"]!["finalizers"] is not JsonArray { Count: > 0 })
            {
                _services.Remove(name);
            }

            return Answer(HttpStatusCode.OK, next);
        }
    }

    // RFC 7386
    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var merged = (target as JsonObject)?.DeepClone().AsObject() ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = Merge(merged[name], value);
            }
        }

        return merged;
    }

    private void Store(string name, JsonObject service)
    {
        service["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _services[name] = service;
    }

    private static Service Read(JsonObject service) => service.Deserialize(ApiJson.TypeInfo<Service>())!;

    private static HttpResponseMessage Answer(HttpStatusCode status, JsonObject body) => new(status) { Content = new StringContent(body.ToJsonString()) };
}
