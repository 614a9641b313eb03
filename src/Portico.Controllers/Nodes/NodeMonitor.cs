using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Events;
using Portico.Client.Requests;
using Portico.Controllers.Conditions;

namespace Portico.Controllers.Nodes;

/// <summary>
/// Watches over the nodes' signs of life. Time is counted from when this process saw the lease or the status change, so that neither
/// a clock that is off nor our own restart makes nodes unreachable.
/// </summary>
internal sealed partial class NodeMonitor : IController
{
    private const string LeaseNamespace = "kube-node-lease";
    private const string LostReason = "NodeStatusUnknown";

    private static readonly string[] AgentConditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

    private readonly ControlContext _context;
    private readonly EventRecorder _events;
    private readonly ILogger _logger;
    private readonly Dictionary<string, NodeLife> _lives = new(StringComparer.Ordinal);
    // What the agents had said before we called it unknown, by the node's uid.
    private readonly Dictionary<string, IReadOnlyList<Condition>> _said = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _orphans = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public NodeMonitor(ControlContext context)
    {
        _context = context;
        _events = context.Recorder("node-controller");
        _logger = context.Loggers.CreateLogger<NodeMonitor>();
        context.Caches.Nodes.Changed += _ => _wake.Writer.TryWrite(true);
    }

    public string Name => "node monitor";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await JudgeAsync(cancellationToken);
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            // A change of a node is looked at at once, silence by the clock.
            await Task.WhenAny(
                _wake.Reader.WaitToReadAsync(pause.Token).AsTask(), Task.Delay(_context.Options.NodeMonitorPeriod, _context.Time, pause.Token));
            await pause.CancelAsync();
            _wake.Reader.TryRead(out var _);
        }
    }

    private async Task JudgeAsync(CancellationToken cancellationToken)
    {
        var nodes = _context.Caches.Nodes.Snapshot;
        foreach (var gone in _lives.Keys.Where(name => !nodes.ContainsKey(new("", name))).ToList())
        {
            _lives.Remove(gone);
        }

        foreach (var node in nodes.Values)
        {
            await TryAsync(node.Metadata.Name, () => JudgeAsync(node, cancellationToken), cancellationToken);
        }

        await RemoveOrphansAsync(cancellationToken);
    }

    private async Task TryAsync(string subject, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or KubernetesException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Judged again after the period.
            LogFailed(subject, failure.Message);
        }
    }

    private async Task JudgeAsync(Node node, CancellationToken cancellationToken)
    {
        var name = node.Metadata.Name;
        var sign = (_context.Caches.Leases.Get(new(LeaseNamespace, name))?.Spec.RenewTime, node.Status.Conditions.Find("Ready")?.LastHeartbeatTime);
        if (!_lives.TryGetValue(name, out var life) || life.Uid != node.Metadata.Uid || life.Sign != sign)
        {
            _lives[name] = life = new(node.Metadata.Uid, sign, _context.Time.GetTimestamp());
        }

        var silence = _context.Time.GetElapsedTime(life.SeenAt);
        var health = NodeHealth.Compute(node, silence, _context.Options.NodeMonitorGracePeriod, _context.Now);
        if (health.IsUnreachable && node.Status.Conditions.Find("Ready") is not { Status: "Unknown" })
        {
            await MarkUnknownAsync(node, cancellationToken);
        }
        else if (!health.IsUnreachable && node.Status.Conditions.Find("Ready") is { Reason: LostReason }
            && _said.TryGetValue(node.Metadata.Uid ?? "", out var said))
        {
            await GiveBackAsync(node, said, cancellationToken);
            _said.Remove(node.Metadata.Uid ?? "");
        }

        if (!NodeHealth.HasTaints(node, health.Taints))
        {
            await WriteTaintsAsync(node, health.Taints, cancellationToken);
        }

        if (health.IsUnreachable)
        {
            await HandlePodsAsync(node, silence - _context.Options.NodeMonitorGracePeriod, cancellationToken);
        }
    }

    private async Task MarkUnknownAsync(Node node, CancellationToken cancellationToken)
    {
        var conditions = new JsonArray();
        foreach (var type in AgentConditions)
        {
            var current = node.Status.Conditions.Find(type);
            if (current is null && type != "Ready")
            {
                continue;
            }

            conditions.Add(ToJson((current ?? new Condition { Type = type }) with
            {
                Status = "Unknown",
                Reason = LostReason,
                Message = "Node agent stopped posting node status.",
                LastTransitionTime = _context.Now,
            }));
        }

        await WriteConditionsAsync(node, conditions, cancellationToken);
        _said[node.Metadata.Uid ?? ""] = node.Status.Conditions;
        LogUnreachable(node.Metadata.Name);
        _events.Normal(node, "NodeNotReady", $"Node {node.Metadata.Name} status is now: NodeNotReady");
    }

    /// <summary>The agent lives: its last word stands again until it says otherwise, where it has not done so already.</summary>
    private async Task GiveBackAsync(Node node, IReadOnlyList<Condition> said, CancellationToken cancellationToken)
    {
        var conditions = new JsonArray();
        foreach (var condition in said)
        {
            if (node.Status.Conditions.Find(condition.Type) is { Status: "Unknown", Reason: LostReason })
            {
                conditions.Add(ToJson(condition with { LastTransitionTime = _context.Now }));
            }
        }

        if (conditions.Count > 0)
        {
            await WriteConditionsAsync(node, conditions, cancellationToken);
            LogBack(node.Metadata.Name);
        }
    }

    private async Task WriteConditionsAsync(Node node, JsonArray conditions, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["status"] = new JsonObject { ["conditions"] = conditions } };
        (await _context.Client.PatchAsync(
            KnownKinds.Nodes, ObjectKey.Of(node), PatchType.StrategicMerge, patch, "status", cancellationToken)).OrThrow();
    }

    private async Task WriteTaintsAsync(Node node, IReadOnlyList<Taint> taints, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion },
            ["spec"] = new JsonObject
            {
                ["taints"] = new JsonArray([.. taints.Select(taint => JsonSerializer.SerializeToNode(taint, ApiJson.TypeInfo<Taint>()))]),
            },
        };
        var patched = await _context.Client.PatchAsync(KnownKinds.Nodes, ObjectKey.Of(node), PatchType.Merge, patch, null, cancellationToken);
        if (patched is { IsConflict: false, IsNotFound: false })
        {
            patched.OrThrow();
        }
    }

    private async Task HandlePodsAsync(Node node, TimeSpan unreachableFor, CancellationToken cancellationToken)
    {
        foreach (var pod in _context.Caches.PodsByNode[node.Metadata.Name])
        {
            switch (PodFates.OnUnreachable(pod, unreachableFor, _context.Options.PodEvictionTimeout, _context.Now))
            {
                case PodFate.MarkNotReady:
                    await MarkNotReadyAsync(pod, cancellationToken);
                    break;
                case PodFate.Delete:
                    _events.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {ObjectKey.Of(pod)}");
                    await DeleteAsync(pod, null, cancellationToken);
                    break;
                case PodFate.Remove:
                    await DeleteAsync(pod, 0, cancellationToken);
                    break;
            }
        }
    }

    private async Task MarkNotReadyAsync(Pod pod, CancellationToken cancellationToken)
    {
        var ready = pod.Status.Conditions.Find("Ready")! with { Status = "False", Reason = "NodeNotReady", LastTransitionTime = _context.Now };
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(ToJson(ready)) },
        };
        var patched = await _context.Client.PatchAsync(
            KnownKinds.Pods, ObjectKey.Of(pod), PatchType.StrategicMerge, patch, "status", cancellationToken);
        if (patched is { IsConflict: false, IsNotFound: false })
        {
            patched.OrThrow();
            _events.Warning(pod, "NodeNotReady", "Node is not ready");
        }
    }

    /// <summary>Pods of nodes that are no more. Asked for twice, a grace period apart: the agent may be about to register.</summary>
    private async Task RemoveOrphansAsync(CancellationToken cancellationToken)
    {
        var nodes = _context.Caches.Nodes.Snapshot;
        foreach (var name in _orphans.Keys.Where(name => nodes.ContainsKey(new("", name)) || !_context.Caches.PodsByNode[name].Any()).ToList())
        {
            _orphans.Remove(name);
        }

        foreach (var name in _context.Caches.PodsByNode.Values)
        {
            if (nodes.ContainsKey(new("", name)))
            {
                continue;
            }

            if (_orphans.TryAdd(name, _context.Time.GetTimestamp()) || _context.Time.GetElapsedTime(_orphans[name]) < _context.Options.NodeMonitorGracePeriod)
            {
                continue;
            }

            await TryAsync(name, () => RemovePodsAsync(name, cancellationToken), cancellationToken);
        }
    }

    private async Task RemovePodsAsync(string node, CancellationToken cancellationToken)
    {
        if (!(await _context.Client.GetAsync(KnownKinds.Nodes, new("", node), cancellationToken)).IsNotFound)
        {
            return;
        }

        foreach (var pod in _context.Caches.PodsByNode[node])
        {
            await DeleteAsync(pod, 0, cancellationToken);
        }
    }

    private async Task DeleteAsync(Pod pod, long? grace, CancellationToken cancellationToken)
    {
        var status = await _context.Client.DeleteAsync(KnownKinds.Pods.Resource, ObjectKey.Of(pod), pod.Metadata.Uid, grace, cancellationToken);
        LogRemoved(ObjectKey.Of(pod), pod.Spec.NodeName ?? "", status.Outcome == "Success" ? "deleted" : status.Message ?? "refused");
    }

    private static JsonNode ToJson(Condition condition) => JsonSerializer.SerializeToNode(condition, ApiJson.TypeInfo<Condition>())!;

    [LoggerMessage(3020, LogLevel.Warning, "node {Name}: no sign of life within the grace period, Ready is now Unknown")]
    private partial void LogUnreachable(string name);

    [LoggerMessage(3023, LogLevel.Information, "node {Name}: is back")]
    private partial void LogBack(string name);

    [LoggerMessage(3021, LogLevel.Debug, "node {Name}: will be judged again: {Message}")]
    private partial void LogFailed(string name, string message);

    [LoggerMessage(3022, LogLevel.Information, "pod {Pod} of the lost node {Node}: {Outcome}")]
    private partial void LogRemoved(ObjectKey pod, string node, string outcome);

    // Either is a sign of life: an agent may have no lease.
    private sealed record NodeLife(string? Uid, (DateTimeOffset? Lease, DateTimeOffset? Status) Sign, long SeenAt);
}
