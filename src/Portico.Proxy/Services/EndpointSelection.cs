namespace Portico.Proxy.Services;

/// <summary>Which endpoints the policies allow: upstream's CategorizeEndpoints (pkg/proxy/topology.go).</summary>
internal static class EndpointSelection
{
    /// <summary>Policy Cluster: the ready ones that the hints mean for us; else those that terminate and still serve, anywhere.</summary>
    public static List<EndpointAddress> Cluster(List<PortEndpoint> endpoints, CompileContext context)
    {
        var topology = TopologyOf(endpoints, context);
        var chosen = Where(endpoints, endpoint => endpoint.Ready && IsMeant(endpoint, topology, context));
        return chosen.Count > 0 ? chosen : Where(endpoints, static endpoint => endpoint.Fallback);
    }

    /// <summary>Policy Local: hints don't apply.</summary>
    public static List<EndpointAddress> Local(List<PortEndpoint> endpoints)
    {
        var chosen = Where(endpoints, static endpoint => endpoint.Ready && endpoint.Address.IsLocal);
        return chosen.Count > 0 ? chosen : Where(endpoints, static endpoint => endpoint.Fallback && endpoint.Address.IsLocal);
    }

    public static List<EndpointAddress> Serving(List<PortEndpoint> endpoints) => Where(endpoints, static endpoint => endpoint.Serving || endpoint.Ready);

    private static List<EndpointAddress> Where(List<PortEndpoint> endpoints, Func<PortEndpoint, bool> wanted)
    {
        var chosen = new List<EndpointAddress>(endpoints.Count);
        foreach (var endpoint in endpoints)
        {
            if (wanted(endpoint))
            {
                chosen.Add(endpoint.Address);
            }
        }

        return chosen;
    }

    private static bool IsMeant(PortEndpoint endpoint, Topology topology, CompileContext context) => topology switch
    {
        Topology.SameNode => HasNode(endpoint, context.NodeName),
        Topology.SameZone => HasZone(endpoint, context.Zone),
        _ => true,
    };

    // Hints count only when every ready endpoint has them, and one is meant for us: half-written hints must not overload or starve anybody.
    private static Topology TopologyOf(List<PortEndpoint> endpoints, CompileContext context)
    {
        var (allNodes, allZones, thisNode, thisZone) = (true, true, false, false);
        foreach (var endpoint in endpoints)
        {
            if (!endpoint.Ready)
            {
                continue;
            }

            allNodes &= endpoint.Hints is { ForNodes.Count: > 0 };
            allZones &= endpoint.Hints is { ForZones.Count: > 0 };
            thisNode |= HasNode(endpoint, context.NodeName);
            thisZone |= HasZone(endpoint, context.Zone);
        }

        return allNodes && thisNode ? Topology.SameNode : allZones && thisZone ? Topology.SameZone : Topology.Any;
    }

    private static bool HasNode(PortEndpoint endpoint, string node)
    {
        if (endpoint.Hints is { } hints)
        {
            foreach (var hint in hints.ForNodes)
            {
                if (hint.Name == node)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool HasZone(PortEndpoint endpoint, string? zone)
    {
        if (zone is { Length: > 0 } && endpoint.Hints is { } hints)
        {
            foreach (var hint in hints.ForZones)
            {
                if (hint.Name == zone)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private enum Topology
    {
        Any,
        SameZone,
        SameNode,
    }
}
