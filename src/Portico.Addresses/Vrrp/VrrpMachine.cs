using Portico.Net.Vrrp;

namespace Portico.Addresses.Vrrp;

/// <summary>
/// The state machine of one virtual router: RFC 9568, section 6.4, and RFC 3768, section 6.4. Knows neither clock nor network: the time comes with every
/// call, from any origin that does not go back, and what is to be done is the result.
/// </summary>
/// <param name="interval">Advertisement_Interval.</param>
/// <param name="preemptDelay">How long a router of lower priority is left alone after start-up and after it was first heard; no part of the RFCs.</param>
internal sealed class VrrpMachine(VrrpVersion version, TimeSpan interval, bool preempt, TimeSpan preemptDelay)
{
    /// <summary>The priority of the owner of the addresses.</summary>
    public const byte Owner = 255;

    private const int Priorities = 256;
    private const int LostAdvertisements = 3;

    private TimeSpan _activeInterval;
    private TimeSpan? _preemptAt;

    public VrrpState State { get; private set; }

    /// <summary>Counts from the next event on.</summary>
    public byte Priority { get; set; } = 100;

    /// <summary>When <see cref="Elapse"/> is to be called; null: there is nothing to wait for.</summary>
    public TimeSpan? Deadline { get; private set; }

    // Version 2 has a second in the place of the interval, because all routers of a group have the same.
    private TimeSpan SkewTime => (version == VrrpVersion.V2 ? TimeSpan.FromSeconds(1) : _activeInterval) * (Priorities - Priority) / Priorities;

    private TimeSpan ActiveDownInterval => (LostAdvertisements * _activeInterval) + SkewTime;

    /// <summary>The event Startup.</summary>
    public VrrpActions Start(TimeSpan now)
    {
        if (State != VrrpState.Initialize)
        {
            return VrrpActions.None;
        }

        (_activeInterval, _preemptAt) = (interval, now + preemptDelay);
        return Priority == Owner ? BecomeActive(now) : BecomeBackup(now);
    }

    /// <summary>The event Shutdown.</summary>
    public VrrpActions Stop()
    {
        var actions = Leave();
        (State, Deadline) = (VrrpState.Initialize, null);
        return actions;
    }

    /// <summary>The timer of the state: Active_Down_Timer or Adver_Timer.</summary>
    public VrrpActions Elapse(TimeSpan now)
    {
        if (Deadline is not { } deadline || now < deadline)
        {
            return VrrpActions.None;
        }

        if (State == VrrpState.Backup)
        {
            return BecomeActive(now);
        }

        // From the moment that was meant, so that a late timer does not add up; never more than one at once.
        Deadline = deadline + interval > now ? deadline + interval : now + interval;
        return VrrpActions.Advertise;
    }

    /// <summary>An advertisement that is meant for this virtual router.</summary>
    /// <param name="advertised">Its interval.</param>
    /// <param name="isGreater">Whether its sender's address is greater than our own.</param>
    public VrrpActions Receive(TimeSpan now, byte priority, TimeSpan advertised, bool isGreater) => State switch
    {
        VrrpState.Backup => ReceiveAsBackup(now, priority, advertised),
        VrrpState.Active => ReceiveAsActive(now, priority, advertised, isGreater),
        _ => VrrpActions.None,
    };

    /// <summary>Another member of the sync group became active: so do we, without waiting.</summary>
    public VrrpActions Follow(TimeSpan now) => State == VrrpState.Backup ? BecomeActive(now) : VrrpActions.None;

    /// <summary>Gives the addresses up in favour of whoever else is there, and stays ready.</summary>
    public VrrpActions Yield(TimeSpan now)
    {
        if (State != VrrpState.Active)
        {
            return VrrpActions.None;
        }

        _activeInterval = interval;
        return Leave() | BecomeBackup(now);
    }

    private VrrpActions ReceiveAsBackup(TimeSpan now, byte priority, TimeSpan advertised)
    {
        if (priority == 0)
        {
            Deadline = now + SkewTime;
            return VrrpActions.None;
        }

        if (priority < Priority && MayPreempt(now))
        {
            return VrrpActions.None;
        }

        if (priority >= Priority)
        {
            _preemptAt = null;
        }

        Defer(now, advertised);
        return VrrpActions.None;
    }

    private VrrpActions ReceiveAsActive(TimeSpan now, byte priority, TimeSpan advertised, bool isGreater)
    {
        if (priority == 0)
        {
            Deadline = now + interval;
            return VrrpActions.Advertise;
        }

        if (priority > Priority || (priority == Priority && isGreater))
        {
            (State, _preemptAt) = (VrrpState.Backup, null);
            Defer(now, advertised);
            return VrrpActions.Withdraw;
        }

        // RFC 9568 asserts itself at once; RFC 3768 only drops what it heard.
        return version == VrrpVersion.V3 ? VrrpActions.Advertise : VrrpActions.None;
    }

    private bool MayPreempt(TimeSpan now)
    {
        if (!preempt && Priority != Owner)
        {
            return false;
        }

        _preemptAt ??= now + preemptDelay;
        return now >= _preemptAt;
    }

    private void Defer(TimeSpan now, TimeSpan advertised)
    {
        _activeInterval = advertised;
        Deadline = now + ActiveDownInterval;
    }

    private VrrpActions BecomeBackup(TimeSpan now)
    {
        State = VrrpState.Backup;
        Deadline = now + ActiveDownInterval;
        return VrrpActions.None;
    }

    private VrrpActions BecomeActive(TimeSpan now)
    {
        (State, Deadline, _preemptAt) = (VrrpState.Active, now + interval, null);
        return VrrpActions.Advertise | VrrpActions.Announce;
    }

    private VrrpActions Leave() => State == VrrpState.Active ? VrrpActions.Withdraw | VrrpActions.Resign : VrrpActions.None;
}
