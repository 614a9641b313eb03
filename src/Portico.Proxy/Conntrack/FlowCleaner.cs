using Portico.Net.Conntrack;
using Portico.Proxy.Health;
using Portico.Proxy.Services;

namespace Portico.Proxy.Conntrack;

/// <summary>Deletes stale UDP flows after the rules have changed.</summary>
internal sealed class FlowCleaner(IConntrack conntrack, ProxyMetrics metrics, TimeProvider time)
{
    public void Clean(Dictionary<FrontendKey, Frontend?> concerned)
    {
        if (concerned.Count == 0)
        {
            return;
        }

        var started = time.GetTimestamp();
        var stale = StaleFlows.Find(conntrack.ListUdp(), concerned);
        foreach (var flow in stale)
        {
            conntrack.Delete(flow);
        }

        metrics.ConntrackCleaned(stale.Count, time.GetElapsedTime(started));
    }
}
