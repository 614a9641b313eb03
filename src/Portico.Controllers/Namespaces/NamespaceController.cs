using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Statuses;
using Portico.Client.Queues;
using Portico.Client.Requests;

namespace Portico.Controllers.Namespaces;

/// <summary>Empties a namespace that is being deleted, and lets it go when nothing is left.</summary>
internal sealed partial class NamespaceController : IController
{
    private const string Finalizer = "kubernetes";

    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(500);

    // Pods and their owners before what they read; Events last, because the others' ends are told in them.
    private static readonly ResourceKind[] Kinds =
    [
        .. KnownKinds.All.Where(kind => kind.Namespaced).OrderBy(kind => kind.Kind switch { "Deployment" => 0, "ReplicaSet" => 1, "Pod" => 2, "Event" => 9, _ => 5 }),
    ];

    private readonly ControlContext _context;
    private readonly ILogger _logger;
    private readonly WorkQueue<ObjectKey> _queue;

    public NamespaceController(ControlContext context)
    {
        _context = context;
        _logger = context.Loggers.CreateLogger<NamespaceController>();
        _queue = new(Name, _logger, context.Time);
        context.Caches.Namespaces.Changed += change => Enqueue(change.New);
        // The last thing in a namespace is usually a pod that takes its time to stop.
        context.Caches.Pods.Changed += change =>
        {
            if (change.New is null)
            {
                Enqueue(context.Caches.Namespaces.Get(new("", change.Key.Namespace)));
            }
        };
    }

    public string Name => "namespaces";

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_queue.RunAsync(2, ReconcileAsync, cancellationToken), Resync.RunAsync(_context, _context.Caches.Namespaces, _queue, cancellationToken));

    private void Enqueue(Namespace? item)
    {
        if (item?.Metadata.DeletionTimestamp is not null)
        {
            _queue.Add(ObjectKey.Of(item));
        }
    }

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_context.Caches.Namespaces.Get(key) is not { Metadata.DeletionTimestamp: not null } item || !item.Spec.Finalizers.Contains(Finalizer))
        {
            return;
        }

        string? left = null;
        foreach (var kind in Kinds)
        {
            if (await DeleteAllAsync(kind, key.Name, cancellationToken) is > 0 and var count)
            {
                left ??= $"{count} {kind.GroupResource}";
            }
        }

        if (left is not null)
        {
            LogWaiting(key.Name, left);
            _queue.AddAfter(key, Recheck);
            return;
        }

        await FinalizeAsync(item, cancellationToken);
    }

    /// <summary>How many objects are still there after the deletion was asked for.</summary>
    private async Task<int> DeleteAllAsync(ResourceKind kind, string @namespace, CancellationToken cancellationToken)
    {
        var metadata = new ResourceKind<ObjectMetaOnly>(kind);
        var options = new ListOptions { Namespace = @namespace };
        var before = (await _context.Client.ListAsync(metadata, options, cancellationToken)).OrThrow().Items;
        if (before.Count == 0)
        {
            return 0;
        }

        // Again and again only for what nobody has asked to delete yet: a pod keeps the grace period that it was given.
        if (before.Any(item => item.Metadata.DeletionTimestamp is null))
        {
            var status = await _context.Client.DeleteCollectionAsync(kind, @namespace, cancellationToken);
            if (status.Outcome != "Success" && status.Reason != StatusReasons.NotFound)
            {
                throw new KubernetesException(status);
            }
        }

        return (await _context.Client.ListAsync(metadata, options, cancellationToken)).OrThrow().Items.Count;
    }

    private async Task FinalizeAsync(Namespace item, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = item.Metadata.Name, ["uid"] = item.Metadata.Uid },
            ["spec"] = new JsonObject
            {
                ["finalizers"] = new JsonArray([.. item.Spec.Finalizers.Where(name => name != Finalizer).Select(name => JsonValue.Create(name))]),
            },
        };
        var path = KnownKinds.Namespaces.Resource.Path("", item.Metadata.Name, "finalize");
        var status = await _context.Client.WriteAsync(HttpMethod.Put, path, body, cancellationToken);
        if (status.Outcome != "Success" && status.Reason is not (StatusReasons.NotFound or StatusReasons.Conflict))
        {
            throw new KubernetesException(status);
        }
    }

    [LoggerMessage(3010, LogLevel.Debug, "namespace {Name}: {Left} are left")]
    private partial void LogWaiting(string name, string left);
}
