using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Values;
using Portico.Client.Caches;
using Portico.Client.Requests;
using Portico.Testing.ApiServers;

namespace Portico.Controllers.Tests.Running;

/// <summary>All controllers over an API in memory, with caches to wait on.</summary>
internal sealed class RunningControllers : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    private RunningControllers()
    {
        Api = new FakeApiServer();
        Pods = Reflect(KnownKinds.Pods);
        Deployments = Reflect(KnownKinds.Deployments);
        ReplicaSets = Reflect(KnownKinds.ReplicaSets);
        Slices = Reflect(KnownKinds.EndpointSlices);
        Namespaces = Reflect(KnownKinds.Namespaces);
        Nodes = Reflect(KnownKinds.Nodes);
        Agents = new FakeAgents(Api, Pods);
    }

    public FakeApiServer Api { get; }

    public ObjectCache<Pod> Pods { get; }

    public ObjectCache<Deployment> Deployments { get; }

    public ObjectCache<ReplicaSet> ReplicaSets { get; }

    public ObjectCache<EndpointSlice> Slices { get; }

    public ObjectCache<Namespace> Namespaces { get; }

    public ObjectCache<Node> Nodes { get; }

    public FakeAgents Agents { get; }

    public static RunningControllers Start(int nodes = 2, ControllerOptions? options = null)
    {
        var running = new RunningControllers();
        running.Api.Put(KnownKinds.Namespaces, new Namespace { Metadata = new() { Name = "shop" }, Spec = new() { Finalizers = ["kubernetes"] } });
        for (var i = 1; i <= nodes; i++)
        {
            running.AddNode($"node{i}");
        }

        var token = running._stop.Token;
        running._running.Add(running.Agents.RunAsync(token));
        running._running.Add(ControllerManager.RunAsync(
            running.Api.Client, options ?? new() { CertificateAuthorityPem = "PEM" }, NullLoggerFactory.Instance, TimeProvider.System, token));
        return running;
    }

    public static Deployment Deployment(string image, int replicas, IntOrString? surge = null, IntOrString? unavailable = null) => new()
    {
        Metadata = new() { Namespace = "shop", Name = "web" },
        Spec = new()
        {
            Replicas = replicas,
            Selector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
            Template = Template(image),
            ProgressDeadlineSeconds = 600,
            RevisionHistoryLimit = 10,
            Strategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxSurge = surge ?? new(1), MaxUnavailable = unavailable ?? new(0) } },
        },
    };

    public static JsonElement Template(string image)
    {
        using var document = JsonDocument.Parse(
            """{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"IMAGE","ports":[{"name":"http","containerPort":8080}]}]}}"""
                .Replace("IMAGE", image, StringComparison.Ordinal));
        return document.RootElement.Clone();
    }

    public void AddNode(string name) => Api.Put(KnownKinds.Nodes, new Node
    {
        Metadata = new() { Name = name },
        Status = new()
        {
            Conditions = [new() { Type = "Ready", Status = "True", Reason = "AgentReady" }],
            Allocatable = new Dictionary<string, Quantity> { ["cpu"] = new("4"), ["memory"] = new("8Gi"), ["pods"] = new("110") },
        },
    });

    public Task<ApiResult<T>> CreateAsync<T>(ResourceKind<T> kind, T item)
        where T : class, IObject => Api.Client.CreateAsync(kind, item, _stop.Token);

    /// <summary>Waits until the Deployment is as kubectl rollout status wants it.</summary>
    public Task RolledOutAsync(string image) => Watching.UntilAsync(
        Deployments,
        all => all.Any(item => item.Status.ObservedGeneration == item.Metadata.Generation
            && item.Spec.Template.GetRawText().Contains(image, StringComparison.Ordinal)
            && (item.Status.UpdatedReplicas ?? 0) == item.Spec.Replicas && (item.Status.AvailableReplicas ?? 0) == item.Spec.Replicas
            && (item.Status.Replicas ?? 0) == item.Spec.Replicas
            && item.Status.Conditions.Any(condition => condition is { Type: "Progressing", Reason: "NewReplicaSetAvailable" })),
        $"the rollout of {image}",
        item => JsonSerializer.Serialize(item.Status, Portico.Api.Json.ApiJson.TypeInfo<DeploymentStatus>())
            + string.Join(", ", Pods.Items.Select(pod => $"{pod.Metadata.Name} on {pod.Spec.NodeName} {pod.Status.Phase}")));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        Api.Dispose();
        _stop.Dispose();
    }

    private ObjectCache<T> Reflect<T>(ResourceKind<T> kind)
        where T : class, IObject
    {
        var reflector = new Reflector<T>(Api.Client, kind, ListOptions.All, NullLogger.Instance);
        _running.Add(reflector.RunAsync(_stop.Token));
        return reflector.Cache;
    }
}
