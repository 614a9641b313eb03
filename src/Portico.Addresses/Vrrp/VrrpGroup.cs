using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Net.Links;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Vrrp;

/// <summary>
/// A virtual router at work: gives its machine time, packets and what is tracked, and does what the machine asks for. All calls are made under one lock, which
/// its timer takes too.
/// </summary>
internal sealed partial class VrrpGroup : IDisposable
{
    private const string SocketFault = "socket";
    private static readonly TimeSpan LogAgain = TimeSpan.FromMinutes(1);

    private readonly IVrrpOutput _output;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _origin;
    private readonly ITimer _timer;
    private readonly VrrpMachine _machine;
    private readonly Dictionary<VrrpTrack, bool> _tracks = [];
    private readonly Dictionary<VrrpProblemKind, VrrpProblem> _problems = [];
    private readonly SortedDictionary<string, string> _outerFaults = new(StringComparer.Ordinal) { [SocketFault] = "its socket is not open yet" };
    private LinkState? _link;
    private ImmutableArray<string> _faults = [];
    private DateTimeOffset _since;
    private IPAddress? _activeRouter;
    private VrrpChecksum _checksum;
    private long _transitions;
    private uint _sequence;
    private bool _isStarted;

    public VrrpGroup(VrrpGroupOptions options, IVrrpOutput output, Lock gate, TimeProvider time, ILogger logger)
    {
        (Options, _output, _time, _logger) = (options, output, time, logger);
        _origin = time.GetTimestamp();
        _since = time.GetUtcNow();
        _machine = new(options.Version, options.IntervalTime, options.Preempt, options.PreemptDelay) { Priority = options.Priority };
        _timer = time.CreateTimer(
            _ =>
            {
                lock (gate)
                {
                    Do(State, _machine.Elapse(Now), "nobody advertised");
                }
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    public VrrpGroupOptions Options { get; private set; }

    public VrrpState State => _machine.State;

    /// <summary>Whether something of its own keeps it from working, as opposed to another member of its sync group.</summary>
    public bool HasOwnFault { get; private set; } = true;

    public VrrpGroupStatus Status => new(
        Options.Name, State, _machine.Priority, _since, _activeRouter, _transitions, _faults, [.. _problems.Values.OrderBy(static problem => problem.Kind)]);

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    private ImmutableHashSet<IPAddress> Standing => State == VrrpState.Active ? [.. Options.Addresses, .. Options.ExcludedAddresses] : [];

    private IPAddress? Source => Options.Source ?? _link?.Addresses.FirstOrDefault(IsSource);

    public void Start()
    {
        _isStarted = true;
        Reconsider();
    }

    public bool StandsFor(IPAddress address) => Standing.Contains(address);

    /// <summary>Resigns when active. The group may be started again.</summary>
    public void Stop()
    {
        _isStarted = false;
        Reconsider();
    }

    /// <summary>Takes over what does not make another virtual router of it, without a change of state.</summary>
    public void Update(VrrpGroupOptions options)
    {
        Options = options;
        foreach (var gone in _tracks.Keys.Except(options.Tracks).ToList())
        {
            _tracks.Remove(gone);
        }

        _output.Stand(this, Standing);
        Reconsider();
    }

    /// <param name="link">The group's interface; null: there is none.</param>
    public void SetLink(LinkState? link)
    {
        _link = link;
        Reconsider();
    }

    public void SetTrack(VrrpTrack track, bool succeeds)
    {
        _tracks[track] = succeeds;
        Reconsider();
    }

    /// <param name="fault">Null: the socket is open.</param>
    public void SetSocket(string? fault) => SetOuterFault(SocketFault, fault);

    /// <param name="name">Of the member that is at fault; null: none is.</param>
    public void SetSyncFault(string? name) => SetOuterFault("sync group", name is null ? null : $"group {name} of its sync group is at fault");

    /// <summary>Another member became active.</summary>
    public void Follow(string name) => Do(State, _machine.Follow(Now), $"group {name} of its sync group became active");

    /// <summary>Another member is active no longer.</summary>
    public void Yield(string name) => Do(State, _machine.Yield(Now), $"group {name} of its sync group is active no longer");

    /// <param name="ip">The packet as it came.</param>
    public void Receive(VrrpPacket packet, ReadOnlySpan<byte> ip)
    {
        if (State == VrrpState.Initialize || Source is not { } own)
        {
            return;
        }

        var inspection = VrrpInspection.Of(Options, own, packet, ip, _sequence);
        if (inspection.Kind is { } kind)
        {
            Report(kind, inspection.Message);
        }

        if (!inspection.IsUsed)
        {
            return;
        }

        var (advertisement, from) = (packet.Advertisement, State);
        _sequence = packet.AuthenticationHeader?.Sequence ?? _sequence;
        _checksum = advertisement.Checksum;
        var actions = _machine.Receive(
            Now, advertisement.Priority, VrrpGroupOptions.Centiseconds(advertisement.Interval), packet.Source.GetAddressBytes().AsSpan().SequenceCompareTo(own.GetAddressBytes()) > 0);
        _activeRouter = State == VrrpState.Active || advertisement.Priority == 0 ? null : packet.Source;
        Do(from, actions, $"{packet.Source} advertised priority {advertisement.Priority}");
    }

    public void Report(VrrpProblemKind kind, string message)
    {
        var now = _time.GetUtcNow();
        var known = _problems.GetValueOrDefault(kind);
        _problems[kind] = new(kind, message, (known?.Count ?? 0) + 1, now);
        // A peer that is wrong is so with every packet.
        if (known is null || now - known.Last > LogAgain)
        {
            LogProblem(Options.Name, message);
            _output.Changed(this, State);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void SetOuterFault(string what, string? fault)
    {
        if (fault is null)
        {
            _outerFaults.Remove(what);
        }
        else
        {
            _outerFaults[what] = fault;
        }

        Reconsider();
    }

    private void Reconsider()
    {
        var before = (Faults: string.Join("; ", _faults), _machine.Priority);
        var own = OwnFaults().ToList();
        HasOwnFault = own.Count > 0;
        _faults = [.. own, .. _outerFaults.Values];
        var weights = Options.Tracks.Sum(Weight);
        _machine.Priority = Options.Priority == VrrpMachine.Owner ? VrrpMachine.Owner : (byte)Math.Clamp(Options.Priority + weights, 1, VrrpMachine.Owner - 1);
        var (from, mayWork) = (State, _isStarted && _faults.IsEmpty);
        var actions = mayWork ? _machine.Start(Now) : _machine.Stop();
        Do(from, actions, mayWork ? "it may work" : _isStarted ? _faults[0] : "it was stopped");
        if (before != (string.Join("; ", _faults), _machine.Priority))
        {
            _output.Changed(this, State);
        }
    }

    private IEnumerable<string> OwnFaults()
    {
        if (_link is not { IsRunning: true })
        {
            yield return $"interface {Options.Interface} {(_link is null ? "does not exist" : "is down or has no carrier")}";
        }
        else if (Source is null)
        {
            yield return $"interface {Options.Interface} has no {(Options.Family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} address to send from";
        }

        foreach (var track in Options.Tracks)
        {
            if (track.Weight == 0 && !_tracks.GetValueOrDefault(track))
            {
                yield return $"{track.Name} {(_tracks.ContainsKey(track) ? "fails" : "was not looked at yet")}";
            }
        }
    }

    private int Weight(VrrpTrack track) =>
        !_tracks.TryGetValue(track, out var succeeds) || succeeds == track.Weight < 0 ? 0 : track.Weight;

    private bool IsSource(IPAddress address)
    {
        // Only the owner has its addresses also when it is not active.
        var goes = Options.Priority != VrrpMachine.Owner && (Options.Addresses.Contains(address) || Options.ExcludedAddresses.Contains(address));
        if (address.AddressFamily != Options.Family || goes)
        {
            return false;
        }

        var wantsGlobal = !Options.UnicastPeers.IsEmpty && !Options.UnicastPeers[0].IsIPv6LinkLocal;
        return Options.Family == AddressFamily.InterNetwork || address.IsIPv6LinkLocal != wantsGlobal;
    }

    // Arguments are evaluated from the left: the state comes before the step that may change it.
    private void Do(VrrpState from, VrrpActions actions, string reason)
    {
        // Also at the start: a process that was killed may have left a device or addresses behind.
        if ((actions & VrrpActions.Withdraw) != 0 || (from == VrrpState.Initialize && State == VrrpState.Backup))
        {
            _output.Stand(this, []);
        }

        if ((actions & VrrpActions.Resign) != 0)
        {
            Advertise(0);
        }

        if ((actions & VrrpActions.Advertise) != 0)
        {
            Advertise(_machine.Priority);
        }

        if ((actions & VrrpActions.Announce) != 0)
        {
            (_activeRouter, _transitions) = (null, _transitions + 1);
            _output.Stand(this, Standing);
        }

        Arm();
        if (from != State)
        {
            _since = _time.GetUtcNow();
            LogState(Options.Name, from, State, reason);
            _output.Changed(this, from);
        }
    }

    private void Arm()
    {
        var wait = _machine.Deadline is { } deadline ? deadline - Now : Timeout.InfiniteTimeSpan;
        // Timers count milliseconds; one that is early would only have to be set again.
        _timer.Change(
            wait == Timeout.InfiniteTimeSpan ? wait : TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private void Advertise(byte priority)
    {
        if (Source is not { } source || _link is not { IsRunning: true })
        {
            return;
        }

        var advertisement = new VrrpAdvertisement(Options.Version, Options.VirtualRouterId, priority, (ushort)Options.Interval, Options.Addresses)
        {
            Authentication = Options.Authentication,
            Password = Options.Authentication == VrrpAuthenticationType.SimplePassword ? Options.PasswordBytes : 0,
            Checksum = Options.Checksum ?? _checksum,
        };
        var header = Options.Authentication == VrrpAuthenticationType.AuthenticationHeader
            ? new VrrpAuthenticationHeader(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(source.GetAddressBytes()), ++_sequence, 0)
            : null;
        foreach (var destination in Options.UnicastPeers.IsEmpty ? [VrrpPacket.Group(Options.Family)] : Options.UnicastPeers)
        {
            _output.Send(this, new(source, destination, VrrpPacket.DirectHopLimit, advertisement) { AuthenticationHeader = header });
        }
    }

    [LoggerMessage(6030, LogLevel.Information, "vrrp group {Group}: {From} -> {To}: {Reason}")]
    private partial void LogState(string group, VrrpState from, VrrpState to, string reason);

    [LoggerMessage(6031, LogLevel.Warning, "vrrp group {Group}: {Problem}")]
    private partial void LogProblem(string group, string problem);
}
