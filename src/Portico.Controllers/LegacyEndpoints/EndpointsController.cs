using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Statuses;
using Portico.Client.Queues;
using Portico.Client.Requests;
using Portico.Controllers.Caches;
using Portico.Controllers.EndpointSlices;

namespace Portico.Controllers.LegacyEndpoints;

/// <summary>Writes the Endpoints objects; slower and later than the slices, which the data planes read.</summary>
internal sealed class EndpointsController : IController
{
    private readonly ControlContext _context;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly ReadYourWrites<Endpoints> _endpoints;

    public EndpointsController(ControlContext context)
    {
        _context = context;
        _queue = new(Name, context.Loggers.CreateLogger<EndpointsController>(), context.Time);
        _endpoints = new(context.Caches.Endpoints);
        ServiceTriggers.Subscribe(context.Caches, _queue);
        context.Caches.Endpoints.Changed += change => _queue.Add(change.Key);
    }

    public string Name => "endpoints";

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_queue.RunAsync(1, ReconcileAsync, cancellationToken), Resync.RunAsync(_context, _context.Caches.Services, _queue, cancellationToken));

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var current = _endpoints.Get(key);
        if (_context.Caches.Services.Get(key) is not { } service)
        {
            if (current is not null && current.Metadata.Labels.ContainsKey("endpoints.kubernetes.io/managed-by"))
            {
                await DeleteAsync(current, cancellationToken);
            }

            return;
        }

        if (service.Spec.Selector.Count == 0 || service.Spec.Type == "ExternalName" || service.Metadata.DeletionTimestamp is not null)
        {
            return;
        }

        var pods = _context.Caches.PodsByNamespace[key.Namespace].Where(pod => ServicesOfPods.Selects(service, pod));
        var wanted = EndpointsPlan.Compute(service, pods, node => _context.Caches.Nodes.Get(new("", node)));
        if (current is null)
        {
            _endpoints.Wrote((await _context.Client.CreateAsync(KnownKinds.Endpoints, wanted, cancellationToken)).OrThrow());
        }
        else if (!AreEqual(current, wanted))
        {
            var next = wanted with { Metadata = current.Metadata with { Labels = wanted.Metadata.Labels, Annotations = wanted.Metadata.Annotations } };
            var updated = await _context.Client.UpdateAsync(KnownKinds.Endpoints, next, cancellationToken);
            if (updated.IsNotFound)
            {
                _endpoints.Forget(key);
            }

            _endpoints.Wrote(updated.OrThrow());
        }
    }

    private static bool AreEqual(Endpoints left, Endpoints right) =>
        SliceEquality.AreEqual(left.Metadata.Labels, right.Metadata.Labels)
        && JsonNode.DeepEquals(Content(left), Content(right));

    private static JsonNode? Content(Endpoints endpoints) =>
        JsonSerializer.SerializeToNode(new Endpoints { Subsets = endpoints.Subsets }, KnownKinds.Endpoints.TypeInfo);

    private async Task DeleteAsync(Endpoints endpoints, CancellationToken cancellationToken)
    {
        var status = await _context.Client.DeleteAsync(
            KnownKinds.Endpoints.Resource, ObjectKey.Of(endpoints), endpoints.Metadata.Uid, null, cancellationToken);
        if (status.Outcome == "Success" || status.Reason is StatusReasons.NotFound or StatusReasons.Conflict)
        {
            _endpoints.Deleted(endpoints);
            return;
        }

        throw new KubernetesException(status);
    }
}
