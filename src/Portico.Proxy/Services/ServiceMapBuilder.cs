using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;

namespace Portico.Proxy.Services;

/// <summary>Follows the caches and compiles what changed. Make it before the caches run.</summary>
internal sealed class ServiceMapBuilder
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private const string TriggerAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

    private readonly ObjectCache<Service> _services;
    private readonly ObjectCache<EndpointSlice> _slices;
    private readonly ObjectCache<Node> _nodes;
    private readonly ObjectIndex<EndpointSlice> _slicesByService;
    private readonly ServiceProxyOptions _options;
    private ImmutableList<IPAddress> _nodePortAddresses;

    public ServiceMapBuilder(ObjectCache<Service> services, ObjectCache<EndpointSlice> slices, ObjectCache<Node> nodes, ServiceProxyOptions options)
    {
        (_services, _slices, _nodes, _options) = (services, slices, nodes, options);
        _nodePortAddresses = OfFamily(options.NodePortAddresses);
        _slicesByService = new(slices, static slice => ServiceOf(slice)?.ToString());
        services.Changed += OnService;
        slices.Changed += OnSlice;
        nodes.Changed += OnNode;
    }

    public event Action? ServiceChanged;

    public event Action? EndpointsChanged;

    public PendingChanges Pending { get; } = new();

    public ServiceMap Map { get; private set; } = ServiceMap.Empty;

    /// <summary>Where NodePorts are served. May change while the proxy runs.</summary>
    public IReadOnlyList<IPAddress> NodePortAddresses
    {
        get => _nodePortAddresses;
        set
        {
            var served = OfFamily(value);
            if (!served.SequenceEqual(_nodePortAddresses))
            {
                _nodePortAddresses = served;
                Pending.AddEverything();
            }
        }
    }

    public Node? Node => _nodes.Get(new("", _options.NodeName));

    public async Task SyncedAsync(CancellationToken cancellationToken)
    {
        await _services.Synced.WaitAsync(cancellationToken);
        await _slices.Synced.WaitAsync(cancellationToken);
        await _nodes.Synced.WaitAsync(cancellationToken);
    }

    /// <summary>Brings <see cref="Map"/> up to date.</summary>
    public (List<ServicePlan> Plans, List<FrontendChange> Changes) Update(PendingChanges.Batch batch)
    {
        var keys = batch.Services;
        if (batch.Everything)
        {
            keys = [.. keys, .. _services.Snapshot.Keys, .. Map.Plans.Keys];
        }

        var context = new CompileContext
        {
            NodeName = _options.NodeName,
            Family = _options.Family,
            NodeAddresses = [.. _options.NodeAddresses.Where(address => address.AddressFamily == _options.Family)],
            NodePortAddresses = [.. _nodePortAddresses],
            Zone = ZoneOf(Node),
            Mode = _options.Mode,
        };
        var plans = new List<ServicePlan>(keys.Count);
        foreach (var key in keys)
        {
            plans.Add(_services.Get(key) is { } service
                ? ServiceCompiler.Compile(service, _slicesByService[key.ToString()], context)
                : new() { Service = key });
        }

        (Map, var changes) = Map.With(plans);
        return (plans, changes);
    }

    private ImmutableList<IPAddress> OfFamily(IEnumerable<IPAddress> addresses) => [.. addresses.Where(address => address.AddressFamily == _options.Family)];

    private static ObjectKey? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels.TryGetValue(EndpointSlice.ServiceNameLabel, out var name) ? new(slice.Metadata.Namespace, name) : null;

    private static string? ZoneOf(Node? node) => node?.Metadata.Labels.GetValueOrDefault(ZoneLabel);

    private void OnService(ObjectChange<Service> change)
    {
        ServiceChanged?.Invoke();
        Pending.Add(change.Key);
    }

    private void OnSlice(ObjectChange<EndpointSlice> change)
    {
        var before = change.Old is null ? null : ServiceOf(change.Old);
        var after = change.New is null ? null : ServiceOf(change.New);
        EndpointsChanged?.Invoke();
        if (before is { } old)
        {
            Pending.AddEndpoints(old, TriggerOf(change.New));
        }

        if (after is { } now && after != before)
        {
            Pending.AddEndpoints(now, TriggerOf(change.New));
        }
    }

    private void OnNode(ObjectChange<Node> change)
    {
        if (change.Key.Name == _options.NodeName)
        {
            if (ZoneOf(change.Old) != ZoneOf(change.New))
            {
                Pending.AddEverything();
            }
        }
    }

    private static DateTimeOffset? TriggerOf(EndpointSlice? slice) =>
        slice is not null && slice.Metadata.Annotations.TryGetValue(TriggerAnnotation, out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;
}
