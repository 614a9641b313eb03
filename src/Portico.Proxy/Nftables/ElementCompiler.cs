using System.Net;
using Portico.Net.Nftables;
using Portico.Proxy.Services;

namespace Portico.Proxy.Nftables;

/// <summary>A frontend → its elements. Pure.</summary>
internal static class ElementCompiler
{
    /// <summary>How the endpoints of a frontend are laid out, as near to what is there as can be.</summary>
    public static EndpointSlots Arrange(EndpointSlots before, Frontend frontend) => new(
        UsesCluster(frontend) ? EndpointSlots.Arrange(before.Cluster, frontend.Cluster) : [],
        frontend.LocalPolicy ? EndpointSlots.Arrange(before.Local, frontend.Local) : []);

    /// <summary>What belongs to this frontend alone.</summary>
    public static void AddOwned(Frontend frontend, EndpointSlots slots, List<SetElement> into)
    {
        var key = ElementKeys.Of(frontend.Key);
        AddSlots(frontend.Key, slots.Cluster, 0, into);
        AddSlots(frontend.Key, slots.Local, Layout.LocalSlots, into);
        AddFirewall(frontend, key, into);
        if (frontend.Cluster.Count == 0)
        {
            into.Add(SetElement.Member(Layout.RejectIPs, key));
            return;
        }

        var external = frontend.Kind != FrontendKind.ClusterIP;
        if (frontend.LocalPolicy && frontend.Local.Count == 0)
        {
            into.Add(SetElement.Member(Layout.DropIPs, key));
        }

        if (frontend.Masquerade == Masquerade.Everybody)
        {
            into.Add(SetElement.Member(Layout.MasqueradeIPs, key));
        }

        if (external && frontend.LocalPolicy)
        {
            into.Add(SetElement.Member(Layout.LocalPolicyIPs, key));
            AddChoice(Layout.LocalIPs, frontend, key, local: true, slots.Local.Length, into);
        }

        AddChoice(Layout.ServiceIPs, frontend, key, !UsesCluster(frontend), UsesCluster(frontend) ? slots.Cluster.Length : slots.Local.Length, into);
        if (frontend.Affinity is { } timeout)
        {
            into.Add(SetElement.Verdict(Layout.AffinityTimeouts, key, Layout.Remember(timeout)));
        }
    }

    /// <summary>The chains beyond the static ones that the elements of a frontend lead to.</summary>
    public static void AddChains(Frontend frontend, HashSet<string> into)
    {
        if (frontend.Affinity is { } timeout)
        {
            into.Add(Layout.Remember(timeout));
        }

        Add(false, frontend.Cluster.Count);
        Add(true, frontend.Local.Count);

        void Add(bool local, int count)
        {
            if (count > 0 && (frontend.Affinity is not null || !Layout.IsReady(local, count)))
            {
                into.Add(frontend.Affinity is null ? Layout.Pick(local, count) : Layout.Sticky(local, count));
            }
        }
    }

    /// <summary>What this frontend may share with others: it is there as long as one of them wants it.</summary>
    public static void AddShared(Frontend frontend, List<SetElement> into)
    {
        if (frontend.Kind == FrontendKind.ClusterIP)
        {
            into.Add(SetElement.Member(Layout.ClusterIPs, ElementKeys.Of(frontend.Key.Address)));
        }

        var hairpin = new HashSet<EndpointAddress>();
        if (UsesCluster(frontend))
        {
            AddLocal(frontend.Cluster);
        }

        AddLocal(frontend.Local);

        void AddLocal(ValueList<EndpointAddress> endpoints)
        {
            foreach (var endpoint in endpoints)
            {
                if (endpoint.IsLocal && hairpin.Add(endpoint))
                {
                    into.Add(SetElement.Member(Layout.HairpinConnections, ElementKeys.Hairpin(endpoint, frontend.Key.Protocol)));
                }
            }
        }
    }

    private static bool UsesCluster(Frontend frontend) => frontend.Kind != FrontendKind.ClusterIP || !frontend.LocalPolicy;

    private static void AddSlots(FrontendKey key, EndpointAddress[] endpoints, int first, List<SetElement> into)
    {
        for (var slot = 0; slot < endpoints.Length; slot++)
        {
            into.Add(SetElement.Value(Layout.Endpoints, ElementKeys.Of(key, first + slot), ElementKeys.Of(endpoints[slot])));
        }
    }

    private static void AddChoice(string map, Frontend frontend, ElementBytes key, bool local, int count, List<SetElement> into)
    {
        if (count > 0)
        {
            into.Add(SetElement.Verdict(map, key, frontend.Affinity is null ? Layout.Pick(local, count) : Layout.Sticky(local, count)));
        }
    }

    private static void AddFirewall(Frontend frontend, ElementBytes key, List<SetElement> into)
    {
        if (frontend.AllowedSources is not { } networks)
        {
            return;
        }

        into.Add(SetElement.Member(Layout.FirewallIPs, key));
        foreach (var network in networks)
        {
            into.Add(SetElement.Range(
                Layout.AllowedSources, ElementKeys.Of(frontend.Key, network.BaseAddress), ElementKeys.Of(frontend.Key, Last(network))));
        }
    }

    private static IPAddress Last(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new(bytes);
    }
}
