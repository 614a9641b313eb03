using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Portico.Api.Patches;
using Portico.Api.Yaml;
using Portico.Client.Connections;
using Portico.Client.Requests;

namespace Portico.Gateway.Tests.Fakes;

/// <summary>As much of a Kubernetes API as the gateway talks to: list, watch, get, create and merge patch, in memory.</summary>
internal sealed class FakeApi : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(string Plural, PipeWriter Writer)> _watches = [];
    private readonly Dictionary<string, string> _plurals = new()
    {
        ["Ingress"] = "ingresses",
        ["IngressClass"] = "ingressclasses",
        ["Service"] = "services",
        ["EndpointSlice"] = "endpointslices",
        ["Secret"] = "secrets",
        ["Event"] = "events",
        ["Lease"] = "leases",
    };

    private int _version = 100;

    /// <summary>Method and path of every write, in order.</summary>
    public List<string> Writes { get; } = [];

    public KubernetesClient Client => new(new KubernetesConnection(new() { Server = new Uri("https://api.test") }, this));

    /// <summary>Creates or replaces the objects of some YAML.</summary>
    public void Apply(string yaml)
    {
        foreach (var document in YamlReader.ReadAll(yaml))
        {
            Put((JsonObject)document);
        }
    }

    public JsonObject? Get(string plural, string space, string name)
    {
        lock (_lock)
        {
            return (JsonObject?)_objects.GetValueOrDefault(Key(plural, space, name))?.DeepClone();
        }
    }

    public IReadOnlyList<JsonObject> All(string plural)
    {
        lock (_lock)
        {
            return [.. _objects.Where(pair => pair.Key.StartsWith(plural + "/", StringComparison.Ordinal)).Select(pair => (JsonObject)pair.Value.DeepClone())];
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var segments = request.RequestUri!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var at = segments[0] == "api" ? 2 : 3;
        var space = segments.Length > at && segments[at] == "namespaces" ? segments[at + 1] : "";
        at += space.Length > 0 ? 2 : 0;
        var (plural, name) = (segments[at], segments.Length > at + 1 ? segments[at + 1] : "");
        var body = request.Content is null ? null : (JsonObject?)JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken));
        lock (_lock)
        {
            if (request.Method != HttpMethod.Get)
            {
                Writes.Add($"{request.Method} {request.RequestUri.AbsolutePath}");
            }

            return request.Method.Method switch
            {
                "GET" when name.Length == 0 && request.RequestUri.Query.Contains("watch=true", StringComparison.Ordinal) => Watch(plural),
                "GET" when name.Length == 0 => List(plural),
                "GET" => One(_objects.GetValueOrDefault(Key(plural, space, name))),
                "POST" => One(Put(body!)),
                "PATCH" when _objects.TryGetValue(Key(plural, space, name), out var old) => One(Put(Merged(old, body!))),
                _ => One(null),
            };
        }
    }

    private static string Key(string plural, string space, string name) => $"{plural}/{space}/{name}";

    private static JsonObject Merged(JsonObject old, JsonObject patch)
    {
        (patch["metadata"] as JsonObject)?.Remove("resourceVersion");
        return MergePatch.Apply((JsonObject)old.DeepClone(), patch).Object!;
    }

    private static HttpResponseMessage One(JsonObject? found) => found is null
        ? Json(HttpStatusCode.NotFound, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["reason"] = "NotFound", ["code"] = 404 })
        : Json(HttpStatusCode.OK, found);

    private static HttpResponseMessage Json(HttpStatusCode status, JsonObject body) =>
        new(status) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };

    private JsonObject Put(JsonObject item)
    {
        lock (_lock)
        {
            var plural = _plurals[(string)item["kind"]!];
            var metadata = (JsonObject)item["metadata"]!;
            metadata["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
            metadata["uid"] ??= $"uid-{_version}";
            var key = Key(plural, (string?)metadata["namespace"] ?? "", (string)metadata["name"]!);
            var type = _objects.ContainsKey(key) ? "MODIFIED" : "ADDED";
            _objects[key] = item;
            var line = Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type, ["object"] = item.DeepClone() }.ToJsonString() + "\n");
            foreach (var (watched, writer) in _watches)
            {
                if (watched == plural)
                {
                    System.Buffers.BuffersExtensions.Write(writer, line);
                    _ = writer.FlushAsync(CancellationToken.None).AsTask();
                }
            }

            return item;
        }
    }

    private HttpResponseMessage List(string plural)
    {
        var items = new JsonArray([.. All(plural)]);
        return Json(HttpStatusCode.OK, new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = $"{_version}" }, ["items"] = items });
    }

    // What came between list and watch is not sent again: tests change things only once the gateway watches.
    private HttpResponseMessage Watch(string plural)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        _watches.Add((plural, pipe.Writer));
        return new(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) };
    }
}
