using System.Net;
using Portico.Net.Conntrack;
using Portico.Proxy.Services;

namespace Portico.Proxy.Conntrack;

/// <summary>
/// UDP has no end that the kernel could see: a flow whose endpoint went would send into the void until it times out. A TCP connection goes on until its ends
/// close it, unless the Service asks to have it cut (<see cref="Frontend.CutsConnections"/>). Pure.
/// </summary>
internal static class StaleFlows
{
    /// <summary>
    /// Flows to a changed frontend that are answered by nobody who still serves it. Policies don't count: a change of them leaves flows alone.
    /// A flow to a frontend that is gone is always stale, also one from before it had endpoints.
    /// </summary>
    public static List<ConntrackFlow> Find(IReadOnlyList<ConntrackFlow> flows, Dictionary<FrontendKey, Frontend?> changed)
    {
        var stale = new List<ConntrackFlow>();
        foreach (var flow in flows)
        {
            if (changed.TryGetValue(new(flow.Destination.Address, (TransportProtocol)flow.Protocol, (ushort)flow.Destination.Port), out var frontend)
                && !Serves(frontend, flow.ReplySource))
            {
                stale.Add(flow);
            }
        }

        return stale;
    }

    /// <summary>The frontends whose flows must be looked at.</summary>
    public static Dictionary<FrontendKey, Frontend?> Concerned(IReadOnlyList<FrontendChange> changes)
    {
        var concerned = new Dictionary<FrontendKey, Frontend?>();
        foreach (var change in changes)
        {
            if (IsCleaned(change.New ?? change.Old) && (change.Old is null || change.New is null || change.Old.Serving != change.New.Serving))
            {
                concerned[change.Key] = change.New;
            }
        }

        return concerned;
    }

    /// <summary>The frontends that are there after a restart, and those that went while nobody watched.</summary>
    public static Dictionary<FrontendKey, Frontend?> Concerned(IEnumerable<Frontend> present, IEnumerable<FrontendKey> gone)
    {
        var concerned = new Dictionary<FrontendKey, Frontend?>();
        foreach (var frontend in present)
        {
            if (IsCleaned(frontend))
            {
                concerned[frontend.Key] = frontend;
            }
        }

        foreach (var key in gone)
        {
            if (key.Protocol == TransportProtocol.Udp)
            {
                concerned.TryAdd(key, null);
            }
        }

        return concerned;
    }

    private static bool IsCleaned(Frontend? frontend) =>
        frontend is not null && (frontend.Key.Protocol == TransportProtocol.Udp || (frontend.CutsConnections && frontend.Key.Protocol == TransportProtocol.Tcp));

    private static bool Serves(Frontend? frontend, IPEndPoint endpoint)
    {
        if (frontend is null)
        {
            return false;
        }

        foreach (var candidate in frontend.Serving)
        {
            if (candidate.Port == endpoint.Port && candidate.Address.Equals(endpoint.Address))
            {
                return true;
            }
        }

        return false;
    }
}
