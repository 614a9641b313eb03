namespace Portico.Proxy.Health;

/// <summary>Whether the proxy of one address family keeps up. Safe for several threads.</summary>
internal sealed class ProxyHealth(TimeProvider time)
{
    // Upstream: twice the sync period of 30 s.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private DateTimeOffset? _pendingSince;
    private DateTimeOffset _lastSynced;
    private bool _synced;

    public bool IsSynced
    {
        get
        {
            lock (_lock)
            {
                return _synced;
            }
        }
    }

    /// <summary>The rules are up to date or not yet late.</summary>
    public bool IsHealthy
    {
        get
        {
            lock (_lock)
            {
                return _synced && (_pendingSince is not { } since || time.GetUtcNow() - since < Patience);
            }
        }
    }

    /// <summary>When everything was last in place.</summary>
    public DateTimeOffset LastUpdated
    {
        get
        {
            lock (_lock)
            {
                // Nothing waits: what is in place is true of now.
                return _synced && _pendingSince is null ? time.GetUtcNow() : _lastSynced;
            }
        }
    }

    public void Queued()
    {
        lock (_lock)
        {
            _pendingSince ??= time.GetUtcNow();
        }
    }

    /// <param name="pending">Changes came while the sync ran.</param>
    public void Synced(bool pending)
    {
        lock (_lock)
        {
            _synced = true;
            _lastSynced = time.GetUtcNow();
            _pendingSince = pending ? _lastSynced : null;
        }
    }
}
