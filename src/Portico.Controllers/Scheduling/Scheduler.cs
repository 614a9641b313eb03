using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Statuses;
using Portico.Client.Caches;
using Portico.Client.Events;
using Portico.Client.Queues;
using Portico.Client.Requests;
using Portico.Controllers.Conditions;
using Portico.Controllers.EndpointSlices;
using Portico.Controllers.Pods;

namespace Portico.Controllers.Scheduling;

/// <summary>Gives pods their nodes, one at a time.</summary>
internal sealed class Scheduler : IController
{
    private const string SchedulerName = "default-scheduler";

    private readonly ControlContext _context;
    private readonly EventRecorder _events;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly Lock _lock = new();
    private readonly HashSet<ObjectKey> _unschedulable = [];

    // Bound by us, and not yet seen bound in the cache.
    private readonly Dictionary<ObjectKey, Pod> _assumed = [];

    public Scheduler(ControlContext context)
    {
        _context = context;
        _events = context.Recorder(SchedulerName);
        _queue = new(Name, context.Loggers.CreateLogger<Scheduler>(), context.Time);
        context.Caches.Pods.Changed += OnPodChanged;
        context.Caches.Nodes.Changed += change =>
        {
            if (Matters(change))
            {
                RetryUnschedulable();
            }
        };
    }

    public string Name => "scheduler";

    // One worker: every choice sees the one before.
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_queue.RunAsync(1, ReconcileAsync, cancellationToken), Resync.RunAsync(_context, _context.Caches.Pods, _queue, cancellationToken));

    private static bool IsOurs(Pod pod) =>
        string.IsNullOrEmpty(pod.Spec.NodeName) && pod.Spec.SchedulerName is null or "" or SchedulerName
        && pod.Metadata.DeletionTimestamp is null && !PodFacts.IsTerminal(pod);

    // Heartbeats come every few seconds and change nothing that a placement looks at.
    private static bool Matters(ObjectChange<Node> change) =>
        change.Old is not { } old || change.New is not { } node
        || old.Spec.Unschedulable != node.Spec.Unschedulable
        || !NodesTaints(old).SequenceEqual(NodesTaints(node))
        || old.Status.Conditions.IsTrue("Ready") != node.Status.Conditions.IsTrue("Ready")
        || !SliceEquality.AreEqual(old.Metadata.Labels, node.Metadata.Labels)
        || !old.Status.Allocatable.OrderBy(item => item.Key).SequenceEqual(node.Status.Allocatable.OrderBy(item => item.Key));

    private static IReadOnlyList<Taint> NodesTaints(Node node) => node.Spec.Taints;

    private void OnPodChanged(ObjectChange<Pod> change)
    {
        if (change.New is { } pod && IsOurs(pod))
        {
            _queue.Add(change.Key);
            return;
        }

        lock (_lock)
        {
            _unschedulable.Remove(change.Key);
        }

        var wasRunning = change.Old is not null && !PodFacts.IsTerminal(change.Old) && change.Old.Spec.NodeName is { Length: > 0 };
        if (wasRunning && (change.New is null || PodFacts.IsTerminal(change.New)))
        {
            RetryUnschedulable();
        }
    }

    private void RetryUnschedulable()
    {
        ObjectKey[] keys;
        lock (_lock)
        {
            keys = [.. _unschedulable];
        }

        foreach (var key in keys)
        {
            _queue.Add(key);
        }
    }

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        DropSeen();
        if (_context.Caches.Pods.Get(key) is not { } pod || !IsOurs(pod) || _assumed.ContainsKey(key))
        {
            return;
        }

        var placement = Placement.Choose(pod, Views());
        if (placement.Node is { } node)
        {
            await BindAsync(pod, node.Metadata.Name, cancellationToken);
        }
        else
        {
            lock (_lock)
            {
                _unschedulable.Add(key);
            }

            await ReportAsync(pod, placement.Message!, cancellationToken);
        }
    }

    private void DropSeen()
    {
        foreach (var (key, assumed) in _assumed.ToList())
        {
            if (_context.Caches.Pods.Get(key) is not { } pod || pod.Metadata.Uid != assumed.Metadata.Uid || pod.Spec.NodeName is { Length: > 0 })
            {
                _assumed.Remove(key);
            }
        }
    }

    private List<NodeView> Views()
    {
        var views = new List<NodeView>();
        foreach (var node in _context.Caches.Nodes.Items)
        {
            var name = node.Metadata.Name;
            var pods = _context.Caches.PodsByNode[name].Concat(_assumed.Values.Where(pod => pod.Spec.NodeName == name));
            views.Add(new(node, pods.DistinctBy(pod => pod.Metadata.Uid)));
        }

        return views;
    }

    private async Task BindAsync(Pod pod, string node, CancellationToken cancellationToken)
    {
        var key = ObjectKey.Of(pod);
        var binding = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Binding",
            ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["uid"] = pod.Metadata.Uid },
            ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node },
        };
        _assumed[key] = pod with { Spec = pod.Spec with { NodeName = node } };
        var status = await BindAsync(KnownKinds.Pods.Resource.Path(key.Namespace, key.Name, "binding"), binding, key, cancellationToken);
        if (status.Outcome == "Success")
        {
            lock (_lock)
            {
                _unschedulable.Remove(key);
            }

            _events.Normal(pod, "Scheduled", $"Successfully assigned {key} to {node}");
            return;
        }

        _assumed.Remove(key);
        if (status.Reason is not (StatusReasons.NotFound or StatusReasons.Conflict))
        {
            throw new KubernetesException(status);
        }
    }

    private async Task<Status> BindAsync(string path, JsonObject binding, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await _context.Client.WriteAsync(HttpMethod.Post, path, binding, cancellationToken);
        }
        catch
        {
            // Whether it was bound, the cache will tell; until then it is tried again.
            _assumed.Remove(key);
            throw;
        }
    }

    private async Task ReportAsync(Pod pod, string message, CancellationToken cancellationToken)
    {
        if (pod.Status.Conditions.Find("PodScheduled") is { Status: "False" } current && current.Message == message)
        {
            return;
        }

        _events.Warning(pod, "FailedScheduling", message);
        var condition = new Condition
        {
            Type = "PodScheduled",
            Status = "False",
            Reason = "Unschedulable",
            Message = message,
            LastTransitionTime = pod.Status.Conditions.Find("PodScheduled") is { Status: "False" } before ? before.LastTransitionTime : _context.Now,
        };
        var patch = new JsonObject
        {
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(JsonSerializer.SerializeToNode(condition, ApiJson.TypeInfo<Condition>())) },
        };
        var patched = await _context.Client.PatchAsync(
            KnownKinds.Pods, ObjectKey.Of(pod), PatchType.StrategicMerge, patch, "status", cancellationToken);
        if (!patched.IsNotFound)
        {
            patched.OrThrow();
        }
    }
}
