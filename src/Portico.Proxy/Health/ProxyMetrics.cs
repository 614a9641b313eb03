namespace Portico.Proxy.Health;

/// <summary>What is measured, under upstream's names (pkg/proxy/metrics). Safe for several threads.</summary>
internal sealed class ProxyMetrics(TimeProvider time, ProxyMode mode, string ipFamily)
{
    private readonly Histogram _sync = new("kubeproxy_sync_proxy_rules_duration_seconds", "Time of one sync.", Histogram.Doubling);
    private readonly Histogram _full = new("kubeproxy_sync_full_proxy_rules_duration_seconds", "Time of one sync that reads everything back.", Histogram.Doubling);
    private readonly Histogram _partial = new("kubeproxy_sync_partial_proxy_rules_duration_seconds", "Time of one sync of what changed.", Histogram.Doubling);
    private readonly Histogram _programming = new(
        "kubeproxy_network_programming_duration_seconds", "From the change of a pod or Service to its effect on this node.",
        [.. Histogram.Doubling, 30, 60, 120, 300]);
    private readonly Histogram _conntrack = new("kubeproxy_conntrack_reconciler_sync_duration_seconds", "Time of one search for stale flows.", Histogram.Doubling);
    private long _serviceChanges;
    private long _endpointChanges;
    private long _failures;
    private long _partialFailures;
    private long _deletedFlows;
    private double _lastSync;
    private double _lastQueued;

    public string Family { get; } = MetricsText.Label("ip_family", ipFamily);

    public void ServiceChanged()
    {
        Interlocked.Increment(ref _serviceChanges);
        Volatile.Write(ref _lastQueued, Now());
    }

    public void EndpointsChanged()
    {
        Interlocked.Increment(ref _endpointChanges);
        Volatile.Write(ref _lastQueued, Now());
    }

    /// <param name="full">Everything was being read back.</param>
    public void SyncFailed(bool full)
    {
        Interlocked.Increment(ref _failures);
        if (!full)
        {
            Interlocked.Increment(ref _partialFailures);
        }
    }

    public void Synced(TimeSpan duration, bool full)
    {
        _sync.Observe(duration);
        (full ? _full : _partial).Observe(duration);
        Volatile.Write(ref _lastSync, Now());
    }

    public void Programmed(TimeSpan sinceChange) => _programming.Observe(sinceChange);

    public void ConntrackCleaned(int deleted, TimeSpan duration)
    {
        Interlocked.Add(ref _deletedFlows, deleted);
        _conntrack.Observe(duration);
    }

    /// <param name="noLocal">Frontends whose policy Local leaves nothing on this node, though there are endpoints elsewhere.</param>
    public void Write(MetricsText text, (int Services, int Endpoints) pending, (int Internal, int External) noLocal)
    {
        foreach (var histogram in new[] { _sync, _full, _partial, _programming, _conntrack })
        {
            histogram.Write(text, Family);
        }

        text.Counter("kubeproxy_sync_proxy_rules_service_changes_total", "Changes of Services seen.", Family, Interlocked.Read(ref _serviceChanges));
        text.Gauge("kubeproxy_sync_proxy_rules_service_changes_pending", "Services whose change waits for the next sync.", Family, pending.Services);
        text.Counter("kubeproxy_sync_proxy_rules_endpoint_changes_total", "Changes of EndpointSlices seen.", Family, Interlocked.Read(ref _endpointChanges));
        text.Gauge(
            "kubeproxy_sync_proxy_rules_endpoint_changes_pending", "Services whose change of endpoints waits for the next sync.", Family, pending.Endpoints);
        if (mode == ProxyMode.Iptables)
        {
            text.Counter("kubeproxy_sync_proxy_rules_iptables_restore_failures_total", "Syncs that failed.", Family, Interlocked.Read(ref _failures));
            text.Counter(
                "kubeproxy_sync_proxy_rules_iptables_partial_restore_failures_total", "Syncs of what changed that failed.", Family, Interlocked.Read(ref _partialFailures));
        }
        else
        {
            text.Counter("kubeproxy_sync_proxy_rules_nftables_sync_failures_total", "Syncs that the kernel refused.", Family, Interlocked.Read(ref _failures));
        }

        text.Counter(
            "kubeproxy_conntrack_reconciler_deleted_entries_total", "Flows that were forgotten because their endpoint is gone.", Family,
            Interlocked.Read(ref _deletedFlows));
        text.Gauge("kubeproxy_sync_proxy_rules_last_timestamp_seconds", "When the last sync ended.", Family, Volatile.Read(ref _lastSync));
        text.Gauge("kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds", "When the last change came.", Family, Volatile.Read(ref _lastQueued));
        foreach (var (policy, count) in new[] { ("internal", noLocal.Internal), ("external", noLocal.External) })
        {
            text.Gauge(
                "kubeproxy_sync_proxy_rules_no_local_endpoints_total", "Frontends with policy Local and endpoints, but none on this node.",
                $"{Family},traffic_policy=\"{policy}\"", count);
        }
    }

    private double Now() => time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
