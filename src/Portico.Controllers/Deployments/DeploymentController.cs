using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Selectors;
using Portico.Client.Events;
using Portico.Client.Queues;
using Portico.Client.Requests;
using Portico.Controllers.Caches;
using Portico.Controllers.Owners;
using Portico.Controllers.Patches;

namespace Portico.Controllers.Deployments;

/// <summary>Rolls Deployments out over ReplicaSets.</summary>
internal sealed class DeploymentController : IController
{
    private readonly ControlContext _context;
    private readonly EventRecorder _events;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly ReadYourWrites<Deployment> _deployments;
    private readonly ReadYourWrites<ReplicaSet> _sets;

    public DeploymentController(ControlContext context)
    {
        _context = context;
        _events = context.Recorder("deployment-controller");
        _queue = new(Name, context.Loggers.CreateLogger<DeploymentController>(), context.Time);
        _deployments = new(context.Caches.Deployments);
        _sets = new(context.Caches.ReplicaSets);
        context.Caches.Deployments.Changed += change => _queue.Add(change.Key);
        context.Caches.ReplicaSets.Changed += change =>
        {
            Enqueue(change.Old);
            Enqueue(change.New);
        };
        context.Caches.Pods.Changed += change =>
        {
            // Recreate waits for the last pod to be gone.
            if (change.New is null && change.Old?.Metadata.ControllerOwner() is { Kind: "ReplicaSet" } owner
                && context.Caches.ReplicaSets.Get(new(change.Key.Namespace, owner.Name)) is { } set)
            {
                Enqueue(set);
            }
        };
    }

    public string Name => "deployments";

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_queue.RunAsync(2, ReconcileAsync, cancellationToken), Resync.RunAsync(_context, _context.Caches.Deployments, _queue, cancellationToken));

    private void Enqueue(ReplicaSet? set)
    {
        if (set is null)
        {
            return;
        }

        if (set.Metadata.ControllerOwner() is { } owner)
        {
            if (owner.Kind == "Deployment")
            {
                _queue.Add(new(set.Metadata.Namespace, owner.Name));
            }

            return;
        }

        foreach (var deployment in _context.Caches.Deployments.Items)
        {
            if (deployment.Metadata.Namespace == set.Metadata.Namespace && LabelMatcher.From(deployment.Spec.Selector).Matches(set.Metadata.Labels))
            {
                _queue.Add(ObjectKey.Of(deployment));
            }
        }
    }

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_deployments.Get(key) is not { } deployment)
        {
            return;
        }

        var selector = LabelMatcher.From(deployment.Spec.Selector);
        if (selector.IsEverything)
        {
            _events.Warning(deployment, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.");
            return;
        }

        var candidates = _sets.Read(() => _context.Caches.ReplicaSetsByNamespace[key.Namespace], set => set.Metadata.Namespace == key.Namespace);
        var claims = Claims<ReplicaSet>.Compute(deployment, selector, candidates);
        var owned = await claims.ApplyAsync(deployment, KnownKinds.Deployments, KnownKinds.ReplicaSets, _sets, _context.Client, cancellationToken);
        var rollout = Rollout.Of(deployment, owned);
        var created = false;
        if (deployment.Metadata.DeletionTimestamp is null)
        {
            (rollout, created) = await AdvanceAsync(rollout, cancellationToken);
        }

        await WriteStatusAsync(rollout, created, cancellationToken);
    }

    private async Task<(Rollout Rollout, bool Created)> AdvanceAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        if (deployment.Spec.Paused == true)
        {
            return (await ScaleAsync(rollout, PausedScaling(rollout), cancellationToken), false);
        }

        if (deployment.Spec.Strategy?.Type == "Recreate" && !await HasRoomToRecreateAsync(rollout, cancellationToken))
        {
            return (rollout, false);
        }

        var created = rollout.New is null;
        if (rollout.New is null)
        {
            rollout = await CreateAsync(rollout, cancellationToken);
            if (rollout.New is null)
            {
                return (rollout, false);
            }
        }
        else
        {
            rollout = await SyncNewAsync(rollout, rollout.New, cancellationToken);
        }

        await WriteRevisionAsync(rollout, cancellationToken);
        rollout = await ScaleAsync(rollout, RollingUpdate.Compute(rollout), cancellationToken);
        if (RolloutStatus.IsComplete(deployment, deployment.Status))
        {
            await CleanUpAsync(rollout, cancellationToken);
        }

        return (rollout, created);
    }

    // A paused Deployment starts no rollout, but can be scaled when one set has all the pods.
    private static IReadOnlyList<ScaleStep> PausedScaling(Rollout rollout)
    {
        var active = rollout.All.Where(set => Rollout.ReplicasOf(set) > 0).ToList();
        var only = active.Count == 1 ? active[0] : active.Count == 0 ? rollout.New ?? (rollout.Old is [.., var newest] ? newest : null) : null;
        return only is not null && Rollout.ReplicasOf(only) != rollout.Replicas ? [new(only, rollout.Replicas)] : [];
    }

    private async Task<bool> HasRoomToRecreateAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var steps = rollout.Old.Where(set => Rollout.ReplicasOf(set) > 0).Select(set => new ScaleStep(set, 0)).ToList();
        await ScaleAsync(rollout, steps, cancellationToken);
        var old = rollout.Old.Select(set => set.Metadata.Uid).ToHashSet();
        return steps.Count == 0 && !_context.Caches.PodsByNamespace[rollout.Deployment.Metadata.Namespace].Any(
            pod => pod.Metadata.ControllerOwner() is { } owner && old.Contains(owner.Uid) && !Pods.PodFacts.IsTerminal(pod));
    }

    private async Task<Rollout> CreateAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var wanted = ReplicaSetOf.Create(rollout);
        var created = await _context.Client.CreateAsync(KnownKinds.ReplicaSets, wanted, cancellationToken);
        if (created.IsAlreadyExists)
        {
            return await ResolveCollisionAsync(rollout, wanted, cancellationToken);
        }

        if (created.Value is not { } set)
        {
            _events.Warning(deployment, "ReplicaSetCreateError", $"Failed to create new replica set \"{wanted.Metadata.Name}\": {created.Failure!.Message}");
            throw new KubernetesException(created.Failure!);
        }

        _sets.Wrote(set);
        if (Rollout.ReplicasOf(set) > 0)
        {
            _events.Normal(deployment, "ScalingReplicaSet", $"Scaled up replica set {set.Metadata.Name} from 0 to {Rollout.ReplicasOf(set)}");
        }

        return rollout with { New = set };
    }

    // The name is taken: by our own set that the cache does not show yet, or by one of another template with the same hash.
    private async Task<Rollout> ResolveCollisionAsync(Rollout rollout, ReplicaSet wanted, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var found = (await _context.Client.GetAsync(KnownKinds.ReplicaSets, ObjectKey.Of(wanted), cancellationToken)).OrThrow();
        if (found.Metadata.ControllerOwner()?.Uid == deployment.Metadata.Uid && PodTemplate.AreEqual(found.Spec.Template, deployment.Spec.Template))
        {
            _sets.Wrote(found);
            return rollout with { New = found };
        }

        var patch = new JsonObject { ["status"] = new JsonObject { ["collisionCount"] = (deployment.Status.CollisionCount ?? 0) + 1 } };
        (await _context.Client.PatchAsync(KnownKinds.Deployments, ObjectKey.Of(deployment), PatchType.Merge, patch, "status", cancellationToken)).OrThrow();
        return rollout;
    }

    private async Task<Rollout> SyncNewAsync(Rollout rollout, ReplicaSet set, CancellationToken cancellationToken)
    {
        var wanted = set with
        {
            Metadata = set.Metadata with { Annotations = ReplicaSetOf.Annotations(rollout) },
            Spec = set.Spec with { MinReadySeconds = rollout.Deployment.Spec.MinReadySeconds ?? set.Spec.MinReadySeconds },
        };
        return Difference.Between(set, wanted, KnownKinds.ReplicaSets.TypeInfo) is { } patch
            ? Replace(rollout, set, await PatchAsync(set, patch, cancellationToken))
            : rollout;
    }

    private async Task WriteRevisionAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var revision = rollout.Revision();
        if (Rollout.RevisionOf(rollout.Deployment) != revision)
        {
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["annotations"] = new JsonObject { [Rollout.RevisionAnnotation] = revision.ToString(CultureInfo.InvariantCulture) },
                },
            };
            var patched = await _context.Client.PatchAsync(
                KnownKinds.Deployments, ObjectKey.Of(rollout.Deployment), PatchType.Merge, patch, null, cancellationToken);
            _deployments.Wrote(patched.OrThrow());
        }
    }

    private async Task<Rollout> ScaleAsync(Rollout rollout, IReadOnlyList<ScaleStep> steps, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
        {
            var patch = new JsonObject { ["spec"] = new JsonObject { ["replicas"] = step.Replicas } };
            rollout = Replace(rollout, step.Set, await PatchAsync(step.Set, patch, cancellationToken));
            var direction = step.Replicas > step.From ? "up" : "down";
            _events.Normal(
                rollout.Deployment,
                "ScalingReplicaSet",
                $"Scaled {direction} replica set {step.Set.Metadata.Name} from {step.From} to {step.Replicas}");
        }

        return rollout;
    }

    private async Task<ReplicaSet> PatchAsync(ReplicaSet set, JsonObject patch, CancellationToken cancellationToken)
    {
        // The decision was made on this version of the set: whoever wrote since then makes it void.
        var meta = patch["metadata"] as JsonObject ?? [];
        meta["resourceVersion"] = set.Metadata.ResourceVersion;
        patch["metadata"] = meta;
        var patched = (await _context.Client.PatchAsync(
            KnownKinds.ReplicaSets, ObjectKey.Of(set), PatchType.Merge, patch, null, cancellationToken)).OrThrow();
        _sets.Wrote(patched);
        return patched;
    }

    private static Rollout Replace(Rollout rollout, ReplicaSet before, ReplicaSet after) =>
        ReferenceEquals(rollout.New, before)
            ? rollout with { New = after }
            : rollout with { Old = [.. rollout.Old.Select(set => ReferenceEquals(set, before) ? after : set)] };

    private async Task CleanUpAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        foreach (var set in ReplicaSetOf.Surplus(rollout))
        {
            var status = await _context.Client.DeleteAsync(
                KnownKinds.ReplicaSets.Resource, ObjectKey.Of(set), set.Metadata.Uid, null, cancellationToken);
            if (status.Outcome == "Success")
            {
                _sets.Deleted(set);
            }
        }
    }

    private async Task WriteStatusAsync(Rollout rollout, bool created, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var status = RolloutStatus.Compute(rollout, created, _context.Now);
        if (Difference.Between(deployment.Status, status, ApiJson.TypeInfo<DeploymentStatus>()) is { } patch)
        {
            var patched = await _context.Client.PatchAsync(
                KnownKinds.Deployments, ObjectKey.Of(deployment), PatchType.Merge, new JsonObject { ["status"] = patch }, "status", cancellationToken);
            if (!patched.IsNotFound)
            {
                _deployments.Wrote(patched.OrThrow());
            }
        }

        if (RolloutStatus.UntilDeadline(deployment, status, _context.Now) is { } wait)
        {
            _queue.AddAfter(ObjectKey.Of(deployment), wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1));
        }
    }
}
