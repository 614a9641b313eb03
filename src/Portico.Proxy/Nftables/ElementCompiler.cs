using System.Net;
using Portico.Net.Nftables;
using Portico.Proxy.Services;

namespace Portico.Proxy.Nftables;

/// <summary>A frontend → its elements. Pure.</summary>
internal static class ElementCompiler
{
    /// <summary>How the endpoints of a frontend are laid out, as near to what is there as can be.</summary>
    public static EndpointSlots Arrange(EndpointSlots before, Frontend frontend)
    {
        return new(
            UsesCluster(frontend) ? Arrange(frontend, before.Cluster, frontend.Cluster) : [],
            frontend.LocalPolicy ? Arrange(frontend, before.Local, frontend.Local) : []);
    }

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

        if (external && frontend.Masquerade == Masquerade.Node)
        {
            into.Add(SetElement.Member(Layout.KeepClientIPs, key));
            AddChoice(Layout.OutsideIPs, frontend, key, frontend.LocalPolicy, into);
        }

        AddChoice(Layout.ServiceIPs, frontend, key, !UsesCluster(frontend), into);
        if (frontend.Affinity is { } timeout)
        {
            into.Add(SetElement.Value(Layout.ServicePorts, ElementKeys.ProtocolFirst(frontend.Key), ElementKeys.ProtocolFirst(frontend.PortKey)));
            into.Add(SetElement.Verdict(Layout.AffinityTimeouts, key, AffinityChains.Remember(timeout, frontend.ChoosesApart)));
        }
    }

    /// <summary>The chains beyond the static ones that the elements of a frontend lead to.</summary>
    public static void AddChains(Frontend frontend, HashSet<string> into)
    {
        if (frontend.Affinity is { } timeout)
        {
            into.Add(AffinityChains.Remember(timeout, frontend.ChoosesApart));
        }

        Add(false);
        Add(true);

        void Add(bool local)
        {
            if (Layout.Choice(frontend, local) is { } chain)
            {
                AddUnlessReady(chain);
                AddUnlessReady(AffinityChains.Choice(chain) ?? chain);
            }
        }

        void AddUnlessReady(string chain)
        {
            if (!Layout.IsReady(chain))
            {
                into.Add(chain);
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
        else if (frontend.OwnsAddress)
        {
            into.Add(SetElement.Member(Layout.BalancerIPs, ElementKeys.Of(frontend.Key.Address)));
        }

        var hairpin = new HashSet<EndpointAddress>();
        if (UsesCluster(frontend))
        {
            AddLocal(frontend.Cluster);
        }

        AddLocal(frontend.Local);
        if (frontend.SurvivesMove && frontend.Key.Protocol == TransportProtocol.Tcp)
        {
            foreach (var endpoint in frontend.Cluster)
            {
                var own = new FrontendKey(endpoint.Address, frontend.Key.Protocol, endpoint.Port);
                into.Add(SetElement.Value(Layout.ReturnPaths, ElementKeys.Of(own), ElementKeys.Of(new EndpointAddress(frontend.Key.Address, frontend.Key.Port, false))));
            }
        }

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

    private static EndpointAddress[] Arrange(Frontend frontend, EndpointAddress[] before, ValueList<EndpointAddress> wanted) =>
        frontend.Algorithm is Algorithm.SourceHash or Algorithm.Maglev ? MaglevTable.Build(wanted) : EndpointSlots.Arrange(before, wanted);

    private static bool UsesCluster(Frontend frontend) => frontend.Kind != FrontendKind.ClusterIP || !frontend.LocalPolicy;

    private static void AddSlots(FrontendKey key, EndpointAddress[] endpoints, int first, List<SetElement> into)
    {
        for (var slot = 0; slot < endpoints.Length; slot++)
        {
            into.Add(SetElement.Value(Layout.Endpoints, ElementKeys.Of(key, first + slot), ElementKeys.Of(endpoints[slot])));
        }
    }

    private static void AddChoice(string map, Frontend frontend, ElementBytes key, bool local, List<SetElement> into)
    {
        if (Layout.Choice(frontend, local) is { } chain)
        {
            into.Add(SetElement.Verdict(map, key, chain));
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
