using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portico.Addresses.Announcements;
using Portico.Addresses.Services;
using Portico.Client.Loops;
using Portico.Net.Links;
using Portico.Net.Namespaces;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Vrrp;

/// <summary>All virtual routers of this machine. Groups come and go while it runs; those that do not change are not touched.</summary>
public sealed partial class VrrpRouter : IVrrpOutput
{
    private readonly NetworkNamespace? _within;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Signal _applied = new();
    private readonly Channel<VrrpGroupStatus> _changes = Channel.CreateUnbounded<VrrpGroupStatus>(new() { SingleReader = true });
    private readonly Dictionary<string, VrrpGroup> _groups = [];
    private readonly Dictionary<VrrpPort, VrrpSocket> _sockets = [];
    private readonly VrrpStand _stand;
    private readonly VrrpDevices _devices;
    private readonly VrrpTracking _tracking;
    private readonly RunningLoops<VrrpPort> _ports;
    private IReadOnlyDictionary<string, LinkState> _links = new Dictionary<string, LinkState>();
    private TaskCompletionSource _linksChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isRunning;

    /// <param name="within">Null: the namespace of this process.</param>
    public VrrpRouter(NetworkNamespace? within, ILoggerFactory loggers, TimeProvider time)
    {
        (_within, _time) = (within, time);
        _logger = loggers.CreateLogger<VrrpRouter>();
        _stand = new(within, WaitForLinkAsync, Conflicted, _logger, time);
        _devices = new(within);
        _tracking = new(within, Tracked, _logger, time);
        _ports = new(static port => $"VRRP on {port.Interface}", ReceiveAsync, _logger, time);
    }

    /// <summary>A group's status is another: its state, a fault, a new problem. Called in order, by one thread at a time.</summary>
    public event Action<VrrpGroupStatus>? Changed;

    public ImmutableArray<VrrpGroupStatus> Status
    {
        get
        {
            lock (_gate)
            {
                return [.. _groups.Values.Select(static group => group.Status).OrderBy(static status => status.Name, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>The groups from now on. One whose addresses, priority, peers or tracks change keeps its state.</summary>
    /// <returns>Why groups were left out; the others are not affected.</returns>
    public IReadOnlyList<string> Apply(IReadOnlyCollection<VrrpGroupOptions> groups)
    {
        var problems = new List<string>();
        var wanted = new Dictionary<string, VrrpGroupOptions>();
        var ids = new Dictionary<(string, byte, AddressFamily), string>();
        foreach (var options in groups)
        {
            var wrong = options.Validate().ToList();
            if (wrong.Count == 0 && !ids.TryAdd((options.Interface, options.VirtualRouterId, options.Family), options.Name))
            {
                var other = ids[(options.Interface, options.VirtualRouterId, options.Family)];
                wrong.Add($"vrrp group {options.Name}: virtualRouterId: {options.VirtualRouterId} on {options.Interface} is that of group {other} already");
            }

            if (wrong.Count == 0 && !wanted.TryAdd(options.Name, options))
            {
                wrong.Add($"vrrp group {options.Name}: name: there are two of it");
            }

            problems.AddRange(wrong);
        }

        lock (_gate)
        {
            foreach (var (name, group) in _groups.Where(group => !wanted.TryGetValue(group.Key, out var options) || !options.Identity.Equals(group.Value.Options.Identity)).ToList())
            {
                group.Stop();
                group.Dispose();
                _groups.Remove(name);
            }

            foreach (var options in wanted.Values)
            {
                Apply(options);
            }

            Synchronize();
        }

        _applied.Set();
        return problems;
    }

    /// <summary>Works until cancelled; then resigns from everything that it is active for.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource();
        lock (_gate)
        {
            _isRunning = true;
            foreach (var group in _groups.Values)
            {
                group.Start();
            }
        }

        var running = Task.WhenAll(
            BackgroundLoop.RunAsync("watch of interfaces", token => new LinkMonitor(_within).RunAsync(SetLinks, token), _logger, _time, stop.Token),
            BackgroundLoop.RunAsync("VRRP", WorkAsync, _logger, _time, stop.Token),
            BackgroundLoop.RunAsync("VRRP events", TellAsync, _logger, _time, stop.Token));
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        lock (_gate)
        {
            _isRunning = false;
            foreach (var group in _groups.Values)
            {
                group.Stop();
            }
        }

        await stop.CancelAsync();
        await running;
        await _ports.SetAsync(ImmutableHashSet<VrrpPort>.Empty);
        await _tracking.SetAsync([]);
        await _stand.SetAsync(ImmutableHashSet<VrrpPlace>.Empty);
    }

    void IVrrpOutput.Send(VrrpGroup group, VrrpPacket packet)
    {
        var options = group.Options;
        if (!_sockets.TryGetValue(new(options.Interface, options.Family), out var socket))
        {
            return;
        }

        try
        {
            socket.Send(packet, options.PasswordBytes, options.UseVirtualMac ? VrrpPacket.VirtualMac(options.Family, options.VirtualRouterId) : null);
        }
        catch (SocketException failure)
        {
            group.Report(VrrpProblemKind.Fault, $"advertisement to {packet.Destination}: {failure.Message}");
        }
    }

    void IVrrpOutput.Stand(VrrpGroup group, ImmutableHashSet<IPAddress> addresses)
    {
        try
        {
            // No device takes packets before the addresses are announced to be here, nor after.
            if (addresses.IsEmpty)
            {
                _stand.Set(group, addresses);
                _devices.Lower(group.Options);
            }
            else
            {
                _devices.Raise(group.Options, addresses);
                _stand.Set(group, addresses);
            }
        }
        catch (IOException failure)
        {
            group.Report(VrrpProblemKind.Fault, failure.Message);
        }
    }

    void IVrrpOutput.Changed(VrrpGroup group, VrrpState from)
    {
        if (group.State != from)
        {
            Synchronize(group, from);
        }

        _changes.Writer.TryWrite(group.Status);
    }

    private void Apply(VrrpGroupOptions options)
    {
        if (_groups.TryGetValue(options.Name, out var known))
        {
            known.Update(options);
            return;
        }

        var group = new VrrpGroup(options, this, _gate, _time, _logger);
        _groups.Add(options.Name, group);
        group.SetLink(_links.GetValueOrDefault(options.Interface));
        if (_sockets.ContainsKey(new(options.Interface, options.Family)))
        {
            group.SetSocket(null);
        }

        foreach (var (track, succeeds) in _tracking.Known(options.Tracks))
        {
            group.SetTrack(track, succeeds);
        }

        if (_isRunning)
        {
            group.Start();
        }
    }

    // All members of a sync group work, or none; what becomes of one becomes of all.
    private void Synchronize()
    {
        foreach (var members in _groups.Values.GroupBy(static group => group.Options.SyncGroup).ToList())
        {
            foreach (var member in members)
            {
                member.SetSyncFault(members.Key is null ? null : members.FirstOrDefault(other => other != member && other.HasOwnFault)?.Options.Name);
            }
        }
    }

    private void Synchronize(VrrpGroup changed, VrrpState from)
    {
        if (changed.Options.SyncGroup is not { } name)
        {
            return;
        }

        foreach (var other in _groups.Values.Where(group => group != changed && group.Options.SyncGroup == name).ToList())
        {
            if (changed.State == VrrpState.Active)
            {
                other.Follow(changed.Options.Name);
            }
            else if (from == VrrpState.Active)
            {
                other.Yield(changed.Options.Name);
            }
        }
    }

    private void SetLinks(IReadOnlyDictionary<string, LinkState> links)
    {
        lock (_gate)
        {
            _links = links;
            foreach (var group in _groups.Values.ToList())
            {
                group.SetLink(links.GetValueOrDefault(group.Options.Interface));
                foreach (var track in group.Options.Tracks.OfType<InterfaceTrack>())
                {
                    group.SetTrack(track, links.GetValueOrDefault(track.Interface) is { IsRunning: true });
                }
            }

            Synchronize();
            _linksChanged.SetResult();
            _linksChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Tracked(VrrpTrack track, bool succeeds)
    {
        lock (_gate)
        {
            foreach (var group in _groups.Values.Where(group => group.Options.Tracks.Contains(track)).ToList())
            {
                group.SetTrack(track, succeeds);
            }

            Synchronize();
        }
    }

    private void Conflicted(VrrpPlace place, AddressConflict conflict)
    {
        lock (_gate)
        {
            foreach (var group in _groups.Values.Where(group => VrrpPlace.Of(group.Options) == place && group.StandsFor(conflict.Address)))
            {
                group.Report(
                    VrrpProblemKind.Conflict, $"{conflict.Address} is claimed on {place.Interface} by {conflict.Other} too: find that machine, or see whether the routers hear each other");
            }
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            HashSet<VrrpPort> ports;
            HashSet<VrrpPlace> places;
            List<VrrpTrack> tracks;
            lock (_gate)
            {
                ports = [.. _groups.Values.Select(static group => new VrrpPort(group.Options.Interface, group.Options.Family))];
                places = [.. _groups.Values.Select(static group => VrrpPlace.Of(group.Options))];
                tracks = [.. _groups.Values.SelectMany(static group => group.Options.Tracks).Distinct()];
            }

            await _stand.SetAsync(places);
            await _ports.SetAsync(ports);
            await _tracking.SetAsync(tracks);
            await _applied.WaitAsync(cancellationToken);
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        await foreach (var status in _changes.Reader.ReadAllAsync(cancellationToken))
        {
            Changed?.Invoke(status);
        }
    }

    private async Task ReceiveAsync(VrrpPort port, CancellationToken cancellationToken)
    {
        await WaitForLinkAsync(port.Interface, cancellationToken);
        using var socket = VrrpSocket.Open(port.Interface, port.Family, _within);
        try
        {
            SetSocket(port, socket, null);
            while (true)
            {
                Receive(port, await socket.ReceiveAsync(cancellationToken));
            }
        }
        catch (Exception failure)
        {
            SetSocket(port, null, $"its socket is closed: {failure.Message}");
            throw;
        }
    }

    private void SetSocket(VrrpPort port, VrrpSocket? socket, string? fault)
    {
        lock (_gate)
        {
            if (socket is null)
            {
                _sockets.Remove(port);
            }
            else
            {
                _sockets[port] = socket;
            }

            foreach (var group in On(port))
            {
                group.SetSocket(fault);
            }
        }
    }

    private void Receive(VrrpPort port, ReadOnlyMemory<byte> ip)
    {
        var isRead = VrrpPacket.TryRead(ip.Span, out var packet, out var error);
        if (error == VrrpError.Protocol)
        {
            // IPsec has authentication headers too.
            return;
        }

        lock (_gate)
        {
            foreach (var group in On(port))
            {
                if (!isRead)
                {
                    group.Report(VrrpProblemKind.Malformed, $"a packet on {port.Interface} that is no usable advertisement: {error}");
                }
                else if (packet!.Advertisement.VirtualRouterId == group.Options.VirtualRouterId)
                {
                    group.Receive(packet, ip.Span);
                }
            }
        }
    }

    private List<VrrpGroup> On(VrrpPort port) =>
        [.. _groups.Values.Where(group => group.Options.Interface == port.Interface && group.Options.Family == port.Family)];

    private async Task WaitForLinkAsync(string networkInterface, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_links.GetValueOrDefault(networkInterface) is { IsRunning: true })
                {
                    return;
                }

                changed = _linksChanged.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }
}
