using System.Collections.Immutable;
using Portico.Addresses.Services;

namespace Portico.Addresses.Announcements;

/// <summary>When the network is told of which address without being asked: at once and then repeated, and once more when somebody else claims it.</summary>
internal sealed class AnnouncementSchedule<TAddress>(TimeProvider time)
    where TAddress : notnull
{
    // As MetalLB: at once, then for 5 s. A switch that just came up, or a lost broadcast, must not cost a cache's lifetime.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1100);
    private const int Repeats = 5;

    // DEFEND_INTERVAL of RFC 5227, section 1.1: two that defend themselves at once would not end otherwise.
    private static readonly TimeSpan DefendInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Signal _gained = new();
    private readonly Dictionary<TAddress, int> _left = [];
    private readonly Dictionary<TAddress, long> _defended = [];
    private volatile ImmutableHashSet<TAddress> _addresses = [];

    public ImmutableHashSet<TAddress> Addresses => _addresses;

    public void Set(ImmutableHashSet<TAddress> addresses)
    {
        lock (_lock)
        {
            var gained = addresses.Except(_addresses);
            foreach (var lost in _addresses.Except(addresses))
            {
                _defended.Remove(lost);
            }

            _addresses = addresses;
            Schedule(gained);
        }
    }

    // After the interface came back its address, and what switches know of it, may be others.
    public void RepeatAll()
    {
        lock (_lock)
        {
            Schedule(_addresses);
        }
    }

    /// <returns>Whether the conflict is a new one; then the address is announced once more.</returns>
    public bool Defend(TAddress address)
    {
        lock (_lock)
        {
            if (!_addresses.Contains(address) || (_defended.TryGetValue(address, out var last) && time.GetElapsedTime(last) < DefendInterval))
            {
                return false;
            }

            _defended[address] = time.GetTimestamp();
            _left[address] = Math.Max(1, _left.GetValueOrDefault(address));
            _gained.Set();
            return true;
        }
    }

    /// <summary>What is to be announced now.</summary>
    public List<TAddress> Due()
    {
        lock (_lock)
        {
            var due = new List<TAddress>(_left.Count);
            foreach (var (address, left) in _left)
            {
                if (left == 0 || !_addresses.Contains(address))
                {
                    _left.Remove(address);
                    continue;
                }

                _left[address] = left - 1;
                due.Add(address);
            }

            return due;
        }
    }

    /// <summary>Until something is gained or, with <paramref name="repeat"/>, it is time for the next repeat.</summary>
    public async Task WaitAsync(bool repeat, CancellationToken cancellationToken)
    {
        using var interval = new CancellationTokenSource(repeat ? Interval : Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, cancellationToken);
        try
        {
            await _gained.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time for the next repeat.
        }
    }

    private void Schedule(ImmutableHashSet<TAddress> addresses)
    {
        foreach (var address in addresses)
        {
            _left[address] = Repeats;
        }

        if (addresses.Count > 0)
        {
            _gained.Set();
        }
    }
}
