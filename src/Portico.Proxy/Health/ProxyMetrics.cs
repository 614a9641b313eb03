using System.Globalization;
using System.Text;

namespace Portico.Proxy.Health;

/// <summary>What is measured, under upstream's names (pkg/proxy/metrics). Safe for several threads.</summary>
internal sealed class ProxyMetrics(TimeProvider time, string ipFamily)
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
    private long _deletedFlows;
    private double _lastSync;
    private double _lastQueued;

    private readonly Dictionary<(string Name, int Code), long> _probes = [];

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

    public void SyncFailed() => Interlocked.Increment(ref _failures);

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

    /// <param name="name">healthz or livez.</param>
    public void Probed(string name, int code)
    {
        lock (_probes)
        {
            _probes[(name, code)] = _probes.GetValueOrDefault((name, code)) + 1;
        }
    }

    /// <param name="noLocal">Frontends whose policy Local leaves nothing on this node, though there are endpoints elsewhere.</param>
    public string Write((int Internal, int External) noLocal)
    {
        var label = $"ip_family=\"{ipFamily}\"";
        var text = new StringBuilder();
        foreach (var histogram in new[] { _sync, _full, _partial, _programming, _conntrack })
        {
            histogram.Write(text, label);
        }

        Add("counter", "kubeproxy_sync_proxy_rules_service_changes_total", Interlocked.Read(ref _serviceChanges));
        Add("counter", "kubeproxy_sync_proxy_rules_endpoint_changes_total", Interlocked.Read(ref _endpointChanges));
        Add("counter", "kubeproxy_sync_proxy_rules_nftables_sync_failures_total", Interlocked.Read(ref _failures));
        Add("counter", "kubeproxy_conntrack_reconciler_deleted_entries_total", Interlocked.Read(ref _deletedFlows));
        Add("gauge", "kubeproxy_sync_proxy_rules_last_timestamp_seconds", Volatile.Read(ref _lastSync));
        Add("gauge", "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds", Volatile.Read(ref _lastQueued));
        const string noLocalName = "kubeproxy_sync_proxy_rules_no_local_endpoints_total";
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {noLocalName} gauge\n{noLocalName}{{{label},traffic_policy=\"internal\"}} {noLocal.Internal}\n");
        text.Append(CultureInfo.InvariantCulture, $"{noLocalName}{{{label},traffic_policy=\"external\"}} {noLocal.External}\n");
        WriteProbes(text, "healthz");
        WriteProbes(text, "livez");
        return text.ToString();

        void Add(string type, string name, double value) =>
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n{name}{{{label}}} {value}\n");
    }

    private void WriteProbes(StringBuilder text, string name)
    {
        text.Append(CultureInfo.InvariantCulture, $"# TYPE kubeproxy_proxy_{name}_total counter\n");
        lock (_probes)
        {
            foreach (var ((probe, code), count) in _probes)
            {
                if (probe == name)
                {
                    text.Append(CultureInfo.InvariantCulture, $"kubeproxy_proxy_{name}_total{{code=\"{code}\"}} {count}\n");
                }
            }
        }
    }

    private double Now() => time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
