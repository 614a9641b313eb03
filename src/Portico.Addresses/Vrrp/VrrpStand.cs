using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Addresses.Announcements;
using Portico.Net.Namespaces;
using Portico.Net.Packets;

namespace Portico.Addresses.Vrrp;

/// <summary>What groups stand for, on the wire: one responder for each place, whichever groups share it.</summary>
internal sealed class VrrpStand
{
    private readonly NetworkNamespace? _within;
    private readonly Func<string, CancellationToken, Task> _waitForLink;
    private readonly Action<VrrpPlace, AddressConflict> _conflicted;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly RunningLoops<VrrpPlace> _loops;
    private readonly Lock _lock = new();
    private readonly Dictionary<VrrpPlace, Responder> _responders = [];
    private readonly Dictionary<VrrpGroup, (VrrpPlace Place, ImmutableHashSet<IPAddress> Addresses)> _standing = [];

    public VrrpStand(
        NetworkNamespace? within, Func<string, CancellationToken, Task> waitForLink, Action<VrrpPlace, AddressConflict> conflicted, ILogger logger, TimeProvider time)
    {
        (_within, _waitForLink, _conflicted, _logger, _time) = (within, waitForLink, conflicted, logger, time);
        _loops = new(static place => $"answers for VRRP on {place.Interface}", RunAsync, logger, time);
    }

    /// <summary>Opens the places, so that nothing is left to be done when a group becomes active.</summary>
    public Task SetAsync(IReadOnlySet<VrrpPlace> places) => _loops.SetAsync(places);

    /// <summary>The whole set that a group stands for. What left it is not answered for any more when this returns.</summary>
    public void Set(VrrpGroup group, ImmutableHashSet<IPAddress> addresses)
    {
        var place = VrrpPlace.Of(group.Options);
        lock (_lock)
        {
            if (addresses.IsEmpty)
            {
                _standing.Remove(group);
            }
            else
            {
                _standing[group] = (place, addresses);
            }

            At(place).Announce([.. _standing.Values.Where(standing => standing.Place == place).SelectMany(static standing => standing.Addresses)]);
        }
    }

    private Task RunAsync(VrrpPlace place, CancellationToken cancellationToken)
    {
        Responder responder;
        lock (_lock)
        {
            responder = At(place);
        }

        return RunAsync(place, responder, cancellationToken);
    }

    private async Task RunAsync(VrrpPlace place, Responder responder, CancellationToken cancellationToken)
    {
        await _waitForLink(place.Interface, cancellationToken);
        await responder.RunAsync(cancellationToken);
    }

    private Responder At(VrrpPlace place)
    {
        if (!_responders.TryGetValue(place, out var responder))
        {
            _responders[place] = responder = Make(place);
        }

        return responder;
    }

    private Responder Make(VrrpPlace place)
    {
        if (place.Family == AddressFamily.InterNetwork)
        {
            var arp = new ArpAnnouncement(place.Interface, _within, _logger, _time, place.Mac);
            arp.Conflicted += conflict => _conflicted(place, conflict);
            return new(addresses => arp.Announce([.. addresses.Select(static address => IPv4.Read(address.GetAddressBytes()))]), arp.RunAsync);
        }

        var ndp = new NdpAnnouncement(place.Interface, _within, isRouter: true, _logger, _time, place.Mac);
        ndp.Conflicted += conflict => _conflicted(place, conflict);
        return new(addresses => ndp.Announce([.. addresses.Select(IPv6.From)]), ndp.RunAsync);
    }

    private sealed record Responder(Action<ImmutableHashSet<IPAddress>> Announce, Func<CancellationToken, Task> RunAsync);
}
