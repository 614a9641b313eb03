using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Events;
using Portico.Client.Queues;
using Portico.Client.Requests;
using Portico.Controllers.Caches;

namespace Portico.Controllers.Nodes;

/// <summary>Gives every node that has none a pod network.</summary>
internal sealed class NodeNetworkController : IController
{
    private readonly ControlContext _context;
    private readonly EventRecorder _events;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly ReadYourWrites<Node> _nodes;
    private readonly IPNetwork _network;

    public NodeNetworkController(ControlContext context)
    {
        _context = context;
        _network = IPNetwork.Parse(context.Options.PodNetwork);
        _events = context.Recorder("cidrAllocator");
        _queue = new(Name, context.Loggers.CreateLogger<NodeNetworkController>(), context.Time);
        _nodes = new(context.Caches.Nodes);
        context.Caches.Nodes.Changed += change =>
        {
            if (change.New is { Spec.PodCIDR: null or "" })
            {
                _queue.Add(change.Key);
            }
        };
    }

    public string Name => "node networks";

    // One worker: two choices at a time could be the same.
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_queue.RunAsync(1, ReconcileAsync, cancellationToken), Resync.RunAsync(_context, _context.Caches.Nodes, _queue, cancellationToken));

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_nodes.Get(key) is not { Spec.PodCIDR: null or "", Metadata.DeletionTimestamp: null } node)
        {
            return;
        }

        var nodes = _nodes.Read(() => _context.Caches.Nodes.Items, _ => true);
        if (NodeNetworks.Choose(node, nodes, _network, _context.Options.NodePrefixLength) is not { } chosen)
        {
            _events.Warning(node, "CIDRNotAvailable", $"Node {key.Name} status is now: CIDRNotAvailable");
            return;
        }

        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion },
            ["spec"] = new JsonObject { ["podCIDR"] = chosen.ToString(), ["podCIDRs"] = new JsonArray(chosen.ToString()) },
        };
        _nodes.Wrote((await _context.Client.PatchAsync(KnownKinds.Nodes, key, PatchType.Merge, patch, null, cancellationToken)).OrThrow());
    }
}
