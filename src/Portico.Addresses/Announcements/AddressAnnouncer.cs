using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Portico.Addresses.Services;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Events;
using Portico.Client.Loops;
using Portico.Net.Packets;

namespace Portico.Addresses.Announcements;

/// <summary>Announces the addresses whose owner this node is. Runs on every node, in the namespace of the node's network.</summary>
public sealed partial class AddressAnnouncer
{
    private readonly ObjectCache<Service> _services;
    private readonly ObjectCache<EndpointSlice> _slices;
    private readonly ObjectCache<Node> _nodes;
    private readonly ObjectIndex<Service> _announced;
    private readonly ObjectIndex<EndpointSlice> _slicesByService;
    private readonly AnnouncerOptions _options;
    private readonly IAnnouncement _announcement;
    private readonly EventRecorder _events;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Signal _changed = new();
    private ImmutableHashSet<IPv4> _owned = [];

    /// <param name="events">Written to by the owner only.</param>
    public AddressAnnouncer(
        ObjectCache<Service> services,
        ObjectCache<EndpointSlice> slices,
        ObjectCache<Node> nodes,
        AnnouncerOptions options,
        EventRecorder events,
        ILoggerFactory loggers,
        TimeProvider time)
        : this(services, slices, nodes, options, new ArpAnnouncement(options.Interface, null, loggers.CreateLogger<ArpAnnouncement>(), time), events, loggers, time)
    {
    }

    /// <param name="announcement">Replaces ARP on <see cref="AnnouncerOptions.Interface"/>.</param>
    public AddressAnnouncer(
        ObjectCache<Service> services,
        ObjectCache<EndpointSlice> slices,
        ObjectCache<Node> nodes,
        AnnouncerOptions options,
        IAnnouncement announcement,
        EventRecorder events,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        (_services, _slices, _nodes) = (services, slices, nodes);
        (_options, _announcement, _events, _time) = (options, announcement, events, time);
        _logger = loggers.CreateLogger<AddressAnnouncer>();
        _announced = new ObjectIndex<Service>(services, service => IsAnnounced(service) ? "" : null);
        _slicesByService = new ObjectIndex<EndpointSlice>(slices, static slice => ServiceOf(slice)?.ToString());
        services.Changed += change => Wake(
            (change.Old is { } old && IsAnnounced(old)) || (change.New is { } now && IsAnnounced(now)));
        // Most endpoints belong to Services inside the cluster: they wake nobody here.
        slices.Changed += change => Wake(
            ServiceOf((change.New ?? change.Old)!) is { } key && _services.Get(key) is { } service && IsAnnounced(service));
        nodes.Changed += _ => Wake(true);
    }

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        BackgroundLoop.RunAsync("address announcement", _announcement.RunAsync, _logger, _time, cancellationToken),
        BackgroundLoop.RunAsync("address election", ElectAsync, _logger, _time, cancellationToken));

    private static ObjectKey? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels.TryGetValue(EndpointSlice.ServiceNameLabel, out var name) ? new(slice.Metadata.Namespace, name) : null;

    private bool IsAnnounced(Service service) =>
        service.WantsAddress && service.Address is { } address && (_options.Pool?.Contains(address) ?? true);

    private void Wake(bool concerns)
    {
        if (concerns)
        {
            _changed.Set();
        }
    }

    private async Task ElectAsync(CancellationToken cancellationToken)
    {
        // Half a picture could make two nodes think that they are the owner.
        await Task.WhenAll(_services.Synced, _slices.Synced, _nodes.Synced).WaitAsync(cancellationToken);
        while (true)
        {
            Elect();
            await _changed.WaitAsync(cancellationToken);
        }
    }

    private void Elect()
    {
        var services = _announced[""].ToList();
        var owners = Election.Owners(services, key => _slicesByService[key.ToString()], _nodes.Items);
        var owned = owners.Where(owner => owner.Value == _options.NodeName).Select(static owner => owner.Key).ToImmutableHashSet();
        if (owned.SetEquals(_owned))
        {
            return;
        }

        var before = _owned;
        _owned = owned;
        _announcement.Announce(owned);
        foreach (var lost in before.Except(owned))
        {
            LogLost(lost, owners.GetValueOrDefault(lost) ?? "nobody");
        }

        foreach (var service in services)
        {
            if (service.Address is { } address && owned.Contains(address) && !before.Contains(address))
            {
                LogGained(address, ObjectKey.Of(service));
                _events.Normal(service, "AddressAnnounced", $"{address} is announced by node {_options.NodeName}");
            }
        }
    }

    [LoggerMessage(6020, LogLevel.Information, "announcing {Address} of service {Service}")]
    private partial void LogGained(IPv4 address, ObjectKey service);

    [LoggerMessage(6021, LogLevel.Information, "no longer announcing {Address}: {Owner} does")]
    private partial void LogLost(IPv4 address, string owner);
}
