using System.Net.Sockets;
using Portico.Net.Conntrack;
using Portico.Proxy.Health;
using Portico.Proxy.Services;

namespace Portico.Proxy.Conntrack;

/// <summary>Deletes stale flows after the rules have changed.</summary>
internal sealed class FlowCleaner(IConntrack conntrack, ProxyMetrics metrics, TimeProvider time)
{
    // One question costs the kernel a walk through its table, one flow more in an answer costs us: so many walks are cheaper than one answer with everything.
    private const int QuestionLimit = 16;

    public void Clean(Dictionary<FrontendKey, Frontend?> concerned)
    {
        if (concerned.Count == 0)
        {
            return;
        }

        var started = time.GetTimestamp();
        var stale = StaleFlows.Find(List(concerned.Keys), concerned);
        foreach (var flow in stale)
        {
            conntrack.Delete(flow);
        }

        metrics.ConntrackCleaned(stale.Count, time.GetElapsedTime(started));
    }

    private List<ConntrackFlow> List(Dictionary<FrontendKey, Frontend?>.KeyCollection keys)
    {
        var flows = new List<ConntrackFlow>();
        if (keys.Count <= QuestionLimit)
        {
            foreach (var key in keys)
            {
                flows.AddRange(conntrack.List((ProtocolType)key.Protocol, new(key.Address, key.Port)));
            }
        }
        else
        {
            foreach (var protocol in keys.Select(static key => key.Protocol).Distinct())
            {
                flows.AddRange(conntrack.List((ProtocolType)protocol, null));
            }
        }

        return flows;
    }
}
