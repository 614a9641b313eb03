using Portico.Api.Objects;

namespace Portico.Proxy.Health;

/// <summary>Whether this node's proxy keeps up, and whether balancers outside should send here. Safe for several threads.</summary>
internal sealed class ProxyHealth(TimeProvider time)
{
    // Upstream: twice the sync period of 30 s.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private DateTimeOffset? _pendingSince;
    private DateTimeOffset _lastSynced;
    private bool _synced;
    private bool _eligible = true;

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

    /// <summary>A node that is about to go is healthy but should get no new connections (KEP-3836).</summary>
    public void NodeChanged(Node? node)
    {
        var eligible = node is null || (node.Metadata.DeletionTimestamp is null && !node.Spec.Taints.Any(taint => taint.Key == "ToBeDeletedByClusterAutoscaler"));
        lock (_lock)
        {
            _eligible = eligible;
        }
    }

    /// <param name="withNode">/healthz counts the node's eligibility, /livez does not.</param>
    public TinyResponse Answer(bool withNode)
    {
        var healthy = IsHealthy;
        lock (_lock)
        {
            var code = healthy && (_eligible || !withNode) ? 200 : 503;
            var eligible = withNode ? $",\"nodeEligible\":{(_eligible ? "true" : "false")}" : "";
            return new(code, "application/json",
                $$"""{"lastUpdated":"{{_lastSynced:O}}","currentTime":"{{time.GetUtcNow():O}}","healthy":{{(healthy ? "true" : "false")}}{{eligible}}}""" + "\n");
        }
    }
}
