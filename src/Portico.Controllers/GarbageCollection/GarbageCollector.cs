using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Statuses;
using Portico.Client.Caches;
using Portico.Client.Queues;
using Portico.Client.Requests;
using Portico.Controllers.Owners;

namespace Portico.Controllers.GarbageCollection;

/// <summary>Deletes what belongs to nobody any more, and carries out foreground deletion and orphaning.</summary>
internal sealed partial class GarbageCollector : IController
{
    private readonly ControlContext _context;
    private readonly ILogger _logger;
    private readonly WorkQueue<string> _queue;
    private readonly OwnerGraph _graph = new();

    public GarbageCollector(ControlContext context)
    {
        _context = context;
        _logger = context.Loggers.CreateLogger<GarbageCollector>();
        _queue = new(Name, _logger, context.Time);
        var caches = context.Caches;
        Track(KnownKinds.ConfigMaps.Resource, caches.ConfigMaps);
        Track(KnownKinds.Deployments.Resource, caches.Deployments);
        Track(KnownKinds.Endpoints.Resource, caches.Endpoints);
        Track(KnownKinds.EndpointSlices.Resource, caches.EndpointSlices);
        Track(KnownKinds.IngressClasses.Resource, caches.IngressClasses);
        Track(KnownKinds.Ingresses.Resource, caches.Ingresses);
        Track(KnownKinds.Leases.Resource, caches.Leases);
        Track(KnownKinds.Namespaces.Resource, caches.Namespaces);
        Track(KnownKinds.Nodes.Resource, caches.Nodes);
        Track(KnownKinds.Pods.Resource, caches.Pods);
        Track(KnownKinds.ReplicaSets.Resource, caches.ReplicaSets);
        Track(KnownKinds.Secrets.Resource, caches.Secrets);
        Track(KnownKinds.ServiceAccounts.Resource, caches.ServiceAccounts);
        Track(KnownKinds.Services.Resource, caches.Services);
    }

    public string Name => "garbage collector";

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_queue.RunAsync(4, ReconcileAsync, cancellationToken), ResyncAsync(cancellationToken));

    private void Track<T>(ResourceKind kind, ObjectCache<T> cache)
        where T : class, IObject =>
        cache.Changed += change =>
        {
            if (change.Old is { Metadata.Uid: { } old } && old != change.New?.Metadata.Uid)
            {
                OnGone(old, change.Old.Metadata);
            }

            if (change.New is { Metadata.Uid: not null } item)
            {
                OnSeen(new(kind, item.Metadata), change.Old?.Metadata);
            }
        };

    private void OnGone(string uid, ObjectMeta meta)
    {
        var dependents = _graph.DependentsOf(uid);
        _graph.Remove(uid);
        foreach (var dependent in dependents)
        {
            _queue.Add(dependent.Uid);
        }

        EnqueueWaitingOwners(meta);
    }

    private void OnSeen(OwnedObject item, ObjectMeta? before)
    {
        _graph.Set(item);
        var changed = before is null || before.DeletionTimestamp != item.Meta.DeletionTimestamp
            || !before.Finalizers.SequenceEqual(item.Meta.Finalizers) || !before.OwnerReferences.SequenceEqual(item.Meta.OwnerReferences);
        if (!changed)
        {
            return;
        }

        if (item.Meta.OwnerReferences.Count > 0 || item.Meta.DeletionTimestamp is not null)
        {
            _queue.Add(item.Uid);
        }

        if (before is not null)
        {
            EnqueueWaitingOwners(before);
        }
    }

    private void EnqueueWaitingOwners(ObjectMeta meta)
    {
        foreach (var owner in meta.OwnerReferences)
        {
            if (_graph.Get(owner.Uid) is { Meta.DeletionTimestamp: not null })
            {
                _queue.Add(owner.Uid);
            }
        }
    }

    private async Task ResyncAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_context.Options.ResyncPeriod, _context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var uid in _graph.WithOwners())
                {
                    _queue.Add(uid);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task ReconcileAsync(string uid, CancellationToken cancellationToken)
    {
        if (_graph.Get(uid) is not { } item)
        {
            return;
        }

        if (item.Meta.DeletionTimestamp is not null)
        {
            await FinishDeletionAsync(item, cancellationToken);
            return;
        }

        var owners = new List<(OwnerReference Reference, OwnerState State)>();
        foreach (var reference in item.Meta.OwnerReferences)
        {
            owners.Add((reference, await StateOfAsync(item, reference, cancellationToken)));
        }

        switch (Collection.Compute(item.Meta, owners, _graph.DependentsOf(uid).Count > 0))
        {
            case Collection.Unlink unlink:
                await UnlinkAsync(item, unlink.Uids, cancellationToken);
                break;
            case Collection.Delete delete:
                await DeleteAsync(item, delete.PropagationPolicy, cancellationToken);
                break;
        }
    }

    private async Task<OwnerState> StateOfAsync(OwnedObject item, OwnerReference reference, CancellationToken cancellationToken)
    {
        if (_graph.Get(reference.Uid) is { } owner)
        {
            return owner.Meta.DeletionTimestamp is not null && owner.Meta.Finalizers.Contains(Collection.ForegroundFinalizer) ? OwnerState.Waiting : OwnerState.Solid;
        }

        if (_graph.IsGone(reference.Uid))
        {
            return OwnerState.Dangling;
        }

        var group = reference.ApiVersion.Contains('/', StringComparison.Ordinal) ? reference.ApiVersion[..reference.ApiVersion.IndexOf('/', StringComparison.Ordinal)] : "";
        var kind = KnownKinds.All.FirstOrDefault(kind => kind.Kind == reference.Kind && kind.Group == group);
        if (kind is null || (kind.Namespaced && item.Meta.Namespace.Length == 0))
        {
            return OwnerState.Solid;
        }

        // Not in the caches: not yet, or no more. Only the server can say.
        var key = new ObjectKey(kind.Namespaced ? item.Meta.Namespace : "", reference.Name);
        var found = await _context.Client.GetAsync(new ResourceKind<ObjectMetaOnly>(kind), key, cancellationToken);
        return found.IsNotFound || found.OrThrow().Metadata.Uid != reference.Uid ? OwnerState.Dangling : OwnerState.Solid;
    }

    private async Task FinishDeletionAsync(OwnedObject item, CancellationToken cancellationToken)
    {
        var dependents = _graph.DependentsOf(item.Uid);
        if (item.Meta.Finalizers.Contains(Collection.OrphanFinalizer))
        {
            foreach (var dependent in dependents)
            {
                await UnlinkAsync(dependent, [item.Uid], cancellationToken);
            }

            await RemoveFinalizerAsync(item, Collection.OrphanFinalizer, cancellationToken);
        }
        else if (item.Meta.Finalizers.Contains(Collection.ForegroundFinalizer))
        {
            if (!dependents.Any(dependent => Blocks(dependent, item)))
            {
                await RemoveFinalizerAsync(item, Collection.ForegroundFinalizer, cancellationToken);
                return;
            }

            foreach (var dependent in dependents.Where(dependent => dependent.Meta.DeletionTimestamp is null))
            {
                _queue.Add(dependent.Uid);
            }
        }
    }

    private static bool Blocks(OwnedObject dependent, OwnedObject owner) =>
        dependent.Meta.OwnerReferences.Any(reference => reference.Uid == owner.Uid && reference.BlockOwnerDeletion == true);

    private async Task DeleteAsync(OwnedObject item, string propagationPolicy, CancellationToken cancellationToken)
    {
        var status = await _context.Client.DeleteAsync(item.Kind, item.Key, item.Uid, null, propagationPolicy, cancellationToken);
        if (status.Outcome != "Success" && status.Reason is not (StatusReasons.NotFound or StatusReasons.Conflict))
        {
            throw new KubernetesException(status);
        }

        LogCollected(item);
    }

    private Task UnlinkAsync(OwnedObject item, IReadOnlyList<string> uids, CancellationToken cancellationToken)
    {
        var rest = item.Meta.OwnerReferences.Where(reference => !uids.Contains(reference.Uid)).Select(Ownership.ToJson);
        return PatchAsync(item, "ownerReferences", new JsonArray([.. rest]), cancellationToken);
    }

    private Task RemoveFinalizerAsync(OwnedObject item, string finalizer, CancellationToken cancellationToken)
    {
        var rest = item.Meta.Finalizers.Where(name => name != finalizer).Select(name => JsonValue.Create(name));
        return PatchAsync(item, "finalizers", new JsonArray([.. rest]), cancellationToken);
    }

    private async Task PatchAsync(OwnedObject item, string field, JsonArray value, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = item.Meta.ResourceVersion, ["uid"] = item.Uid, [field] = value } };
        var patched = await _context.Client.PatchAsync(
            new ResourceKind<ObjectMetaOnly>(item.Kind), item.Key, PatchType.Merge, patch, null, cancellationToken);
        if (!patched.IsNotFound)
        {
            patched.OrThrow();
        }
    }

    [LoggerMessage(3030, LogLevel.Debug, "{Item}: its owner is gone, deleted")]
    private partial void LogCollected(OwnedObject item);
}
