using System.Globalization;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Statuses;
using Portico.Client.Queues;
using Portico.Client.Requests;
using Portico.Controllers.Caches;

namespace Portico.Controllers.EndpointSlices;

/// <summary>Writes the EndpointSlices of every Service with a selector, at once when a pod changes.</summary>
internal sealed class EndpointSliceController : IController
{
    private readonly ControlContext _context;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly ReadYourWrites<EndpointSlice> _slices;
    private readonly TriggerTimes _times = new();

    public EndpointSliceController(ControlContext context)
    {
        _context = context;
        _queue = new(Name, context.Loggers.CreateLogger<EndpointSliceController>(), context.Time);
        _slices = new(context.Caches.EndpointSlices);
        ServiceTriggers.Subscribe(context.Caches, _queue);
        context.Caches.EndpointSlices.Changed += change =>
        {
            // Repairs what somebody else changed or deleted.
            var slice = change.New ?? change.Old!;
            if (IsManaged(slice))
            {
                _queue.Add(new(slice.Metadata.Namespace, slice.Metadata.Labels[EndpointSlice.ServiceNameLabel]));
            }
        };
    }

    public string Name => "endpointslices";

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_queue.RunAsync(5, ReconcileAsync, cancellationToken), Resync.RunAsync(_context, _context.Caches.Services, _queue, cancellationToken));

    private static bool IsManaged(EndpointSlice slice) =>
        slice.Metadata.Labels.GetValueOrDefault(EndpointSlice.ManagedByLabel) == SlicePlan.ManagedBy
        && slice.Metadata.Labels.ContainsKey(EndpointSlice.ServiceNameLabel);

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_context.Caches.Services.Get(key) is not { } service)
        {
            // The slices belong to the Service and are collected with it.
            _times.Forget(key);
            return;
        }

        if (service.Spec.Selector.Count == 0 || service.Spec.Type == "ExternalName" || service.Metadata.DeletionTimestamp is not null)
        {
            return;
        }

        var name = key.ToString();
        var existing = _slices.Read(() => _context.Caches.SlicesByService[name], slice => SharedCaches.SliceService(slice) == name)
            .Where(slice => IsManaged(slice) && slice.Metadata.DeletionTimestamp is null).ToList();
        var pods = _context.Caches.PodsByNamespace[key.Namespace].Where(pod => ServicesOfPods.Selects(service, pod)).ToList();
        var plan = SlicePlan.Compute(service, pods, node => _context.Caches.Nodes.Get(new("", node)), existing);
        var trigger = _times.Next(service, pods);
        if (!plan.IsEmpty)
        {
            await ApplyAsync(plan, trigger, cancellationToken);
        }
    }

    private async Task ApplyAsync(SlicePlan plan, DateTimeOffset? trigger, CancellationToken cancellationToken)
    {
        foreach (var slice in plan.Create)
        {
            _slices.Wrote((await _context.Client.CreateAsync(KnownKinds.EndpointSlices, WithTrigger(slice, trigger), cancellationToken)).OrThrow());
        }

        foreach (var slice in plan.Update)
        {
            var updated = await _context.Client.UpdateAsync(KnownKinds.EndpointSlices, WithTrigger(slice, trigger), cancellationToken);
            if (updated.IsNotFound)
            {
                _slices.Forget(ObjectKey.Of(slice));
            }

            _slices.Wrote(updated.OrThrow());
        }

        foreach (var slice in plan.Delete)
        {
            var status = await _context.Client.DeleteAsync(
                KnownKinds.EndpointSlices.Resource, ObjectKey.Of(slice), slice.Metadata.Uid, null, cancellationToken);
            if (status.Outcome == "Success")
            {
                _slices.Deleted(slice);
            }
            else if (status.Reason is StatusReasons.NotFound or StatusReasons.Conflict)
            {
                _slices.Forget(ObjectKey.Of(slice));
            }
            else
            {
                throw new KubernetesException(status);
            }
        }
    }

    private static EndpointSlice WithTrigger(EndpointSlice slice, DateTimeOffset? trigger)
    {
        var annotations = new Dictionary<string, string>(slice.Metadata.Annotations, StringComparer.Ordinal);
        annotations.Remove(SlicePlan.TriggerTimeAnnotation);
        if (trigger is { } time)
        {
            annotations[SlicePlan.TriggerTimeAnnotation] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
        }

        return slice with { Metadata = slice.Metadata with { Annotations = annotations } };
    }
}
