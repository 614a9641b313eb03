using System.Threading.Channels;
using Portico.Api.Kinds;

namespace Portico.Proxy.Services;

/// <summary>Which Services must be compiled again. The first change wakes the reader at once; what comes while it works waits together.</summary>
internal sealed class PendingChanges
{
    private readonly Lock _lock = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(1);
    private HashSet<ObjectKey> _services = [];
    private HashSet<ObjectKey> _endpoints = [];
    private List<DateTimeOffset> _triggers = [];
    private bool _everything = true;
    private bool _resync = true;
    private bool _signalled;

    public bool Any
    {
        get
        {
            lock (_lock)
            {
                return _signalled;
            }
        }
    }

    /// <summary>Services that wait: for a change of their own, and for one of their endpoints.</summary>
    public (int Services, int Endpoints) Counts
    {
        get
        {
            lock (_lock)
            {
                return (_services.Count, _endpoints.Count);
            }
        }
    }

    /// <summary>Endpoints of the Service changed.</summary>
    /// <param name="trigger">When the user or pod caused it, if known.</param>
    public void AddEndpoints(ObjectKey service, DateTimeOffset? trigger) => Note(() =>
    {
        _endpoints.Add(service);
        if (trigger is { } at)
        {
            _triggers.Add(at);
        }
    });

    public void Add(ObjectKey service) => Note(() => _services.Add(service));

    /// <summary>All Services must be compiled: the node itself changed.</summary>
    public void AddEverything() => Note(() => _everything = true);

    /// <summary>The world must be read back: it refused a change, or somebody else changed it.</summary>
    public void AddResync() => Note(() => _resync = true);

    public Batch Take()
    {
        lock (_lock)
        {
            _services.UnionWith(_endpoints);
            var batch = new Batch(_services, _triggers, _everything, _resync);
            (_services, _endpoints, _triggers, _everything, _resync, _signalled) = ([], [], [], false, false, false);
            return batch;
        }
    }

    /// <summary>Completes when there is something to take.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _signal.Reader.ReadAsync(cancellationToken);

    private void Note(Action change)
    {
        lock (_lock)
        {
            change();
            if (!_signalled)
            {
                _signalled = true;
                _signal.Writer.TryWrite(true);
            }
        }
    }

    internal sealed record Batch(HashSet<ObjectKey> Services, List<DateTimeOffset> Triggers, bool Everything, bool Resync);
}
