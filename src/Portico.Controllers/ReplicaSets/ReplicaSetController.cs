using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Selectors;
using Portico.Api.Statuses;
using Portico.Client.Events;
using Portico.Client.Queues;
using Portico.Client.Requests;
using Portico.Controllers.Caches;
using Portico.Controllers.Owners;
using Portico.Controllers.Patches;
using Portico.Controllers.Pods;

namespace Portico.Controllers.ReplicaSets;

/// <summary>Keeps as many pods as a ReplicaSet asks for.</summary>
internal sealed class ReplicaSetController : IController
{
    private readonly ControlContext _context;
    private readonly EventRecorder _events;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly ReadYourWrites<Pod> _pods;
    private readonly ReadYourWrites<ReplicaSet> _sets;

    public ReplicaSetController(ControlContext context)
    {
        _context = context;
        _events = context.Recorder("replicaset-controller");
        _queue = new(Name, context.Loggers.CreateLogger<ReplicaSetController>(), context.Time);
        _pods = new(context.Caches.Pods);
        _sets = new(context.Caches.ReplicaSets);
        context.Caches.ReplicaSets.Changed += change => _queue.Add(change.Key);
        context.Caches.Pods.Changed += change =>
        {
            Enqueue(change.Old);
            Enqueue(change.New);
        };
    }

    public string Name => "replicasets";

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_queue.RunAsync(4, ReconcileAsync, cancellationToken), Resync.RunAsync(_context, _context.Caches.ReplicaSets, _queue, cancellationToken));

    private void Enqueue(Pod? pod)
    {
        if (pod is null)
        {
            return;
        }

        if (pod.Metadata.ControllerOwner() is { } owner)
        {
            if (owner.Kind == "ReplicaSet")
            {
                _queue.Add(new(pod.Metadata.Namespace, owner.Name));
            }

            return;
        }

        foreach (var set in _context.Caches.ReplicaSetsByNamespace[pod.Metadata.Namespace])
        {
            if (LabelMatcher.From(set.Spec.Selector).Matches(pod.Metadata.Labels))
            {
                _queue.Add(ObjectKey.Of(set));
            }
        }
    }

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_sets.Get(key) is not { } set)
        {
            return;
        }

        var selector = LabelMatcher.From(set.Spec.Selector);
        var candidates = _pods.Read(() => _context.Caches.PodsByNamespace[key.Namespace], pod => pod.Metadata.Namespace == key.Namespace);
        var active = candidates.Where(PodFacts.IsActive).ToList();
        var claims = Claims<Pod>.Compute(set, selector, active);
        var pods = selector.IsEverything
            ? claims.Owned
            : await claims.ApplyAsync(set, KnownKinds.ReplicaSets, KnownKinds.Pods, _pods, _context.Client, cancellationToken);
        var plan = ReplicaSetPlan.Compute(set, pods, Related(set, active), _context.Now);
        var failure = await ApplyAsync(set, plan, cancellationToken);
        await WriteStatusAsync(set, ReplicaSetPlan.WithFailure(plan.Status, plan.Create > 0 ? "FailedCreate" : "FailedDelete", failure, _context.Now), cancellationToken);
        if (plan.Recheck is { } wait)
        {
            _queue.AddAfter(key, wait);
        }

        if (failure is not null)
        {
            throw new InvalidOperationException($"replicaset {key}: {failure}");
        }
    }

    private IEnumerable<Pod> Related(ReplicaSet set, List<Pod> active)
    {
        var owner = set.Metadata.ControllerOwner()?.Uid;
        var siblings = new HashSet<string?>(StringComparer.Ordinal) { set.Metadata.Uid };
        foreach (var other in _context.Caches.ReplicaSetsByNamespace[set.Metadata.Namespace])
        {
            if (owner is not null && other.Metadata.ControllerOwner()?.Uid == owner)
            {
                siblings.Add(other.Metadata.Uid);
            }
        }

        return active.Where(pod => siblings.Contains(pod.Metadata.ControllerOwner()?.Uid));
    }

    private async Task<string?> ApplyAsync(ReplicaSet set, ReplicaSetPlan plan, CancellationToken cancellationToken)
    {
        string? failure = null;
        if (plan.Create > 0)
        {
            await SlowStart.RunAsync(plan.Create, async _ => (failure = await CreateAsync(set, cancellationToken) ?? failure) is null);
        }

        if (plan.Delete.Count > 0)
        {
            await SlowStart.RunAsync(
                plan.Delete.Count, async i => (failure = await DeleteAsync(set, plan.Delete[i], cancellationToken) ?? failure) is null);
        }

        return failure;
    }

    private async Task<string?> CreateAsync(ReplicaSet set, CancellationToken cancellationToken)
    {
        var created = await _context.Client.CreateAsync(KnownKinds.Pods, set.Metadata.Namespace, PodFromTemplate.Create(set), cancellationToken);
        if (created.Value is { } pod)
        {
            _pods.Wrote(pod);
            _events.Normal(set, "SuccessfulCreate", $"Created pod: {pod.Metadata.Name}");
            return null;
        }

        if (_context.Caches.Namespaces.Get(new("", set.Metadata.Namespace)) is not { Metadata.DeletionTimestamp: null })
        {
            // The namespace goes, and the set with it.
            return null;
        }

        _events.Warning(set, "FailedCreate", $"Error creating: {created.Failure!.Message}");
        return created.Failure.Message ?? created.Failure.Reason ?? $"HTTP {created.Failure.Code}";
    }

    private async Task<string?> DeleteAsync(ReplicaSet set, Pod pod, CancellationToken cancellationToken)
    {
        var status = await _context.Client.DeleteAsync(KnownKinds.Pods.Resource, ObjectKey.Of(pod), pod.Metadata.Uid, null, cancellationToken);
        if (status.Outcome == "Success")
        {
            _pods.Deleted(pod);
            _events.Normal(set, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            return null;
        }

        if (status is { Reason: StatusReasons.NotFound or StatusReasons.Conflict })
        {
            // Already gone, or another of the same name is there: the cache will tell.
            _pods.Forget(ObjectKey.Of(pod));
            return null;
        }

        _events.Warning(set, "FailedDelete", $"Error deleting: {status.Message}");
        return status.Message ?? status.Reason ?? $"HTTP {status.Code}";
    }

    private async Task WriteStatusAsync(ReplicaSet set, ReplicaSetStatus status, CancellationToken cancellationToken)
    {
        if (Difference.Between(set.Status, status, ApiJson.TypeInfo<ReplicaSetStatus>()) is not { } patch)
        {
            return;
        }

        var patched = await _context.Client.PatchAsync(
            KnownKinds.ReplicaSets, ObjectKey.Of(set), PatchType.Merge, new JsonObject { ["status"] = patch }, "status", cancellationToken);
        if (!patched.IsNotFound)
        {
            _sets.Wrote(patched.OrThrow());
        }
    }
}
