using System.Net;
using Portico.Net.Nftables;
using Portico.Proxy.Health;
using Portico.Proxy.Services;
using Portico.Proxy.Traffic;

namespace Portico.Proxy.Nftables;

/// <summary>
/// Connections as the chain <c>count</c> has them. They are kept in the kernel alone, so they outlive this process. Those of a Service port are in an
/// element for each of its frontends: when one of these goes, all of the port begin again at nothing, because a sum that only shrinks would look like a burst.
/// </summary>
/// <param name="nftables">Of the back end, whose caller calls here too.</param>
/// <param name="open">For reading beside it.</param>
internal sealed class NftablesTraffic(INftables nftables, Func<NftablesTable> open, int addressLength) : ITrafficCounters
{
    private static readonly string[] Sets = [Layout.ServiceConnections, Layout.EndpointConnections];

    public void Prune(ServiceMap map)
    {
        var gone = Sets.SelectMany(set => nftables.Read(set) ?? []).Where(element => Find(map, element, out _) is null).ToList();
        if (gone.Count > 0)
        {
            nftables.Apply(gone, []);
        }
    }

    public void Forget(IReadOnlyList<FrontendChange> changes, ServiceMap map)
    {
        var suspects = new HashSet<SetElement>();
        foreach (var change in changes)
        {
            if (change.Old is not { } old)
            {
                continue;
            }

            var port = ServicePortId.Of(old);
            if (change.New is { } now && ServicePortId.Of(now) == port)
            {
                AddEndpoints(old, now, suspects);
                continue;
            }

            AddAll(old, suspects);
            foreach (var sibling in map.Plans.GetValueOrDefault(old.Service)?.Frontends ?? [])
            {
                if (ServicePortId.Of(sibling) == port)
                {
                    AddAll(sibling, suspects);
                }
            }
        }

        if (suspects.Count > 0 && nftables.Find(suspects) is { Count: > 0 } found)
        {
            nftables.Apply(found, []);
        }
    }

    public Task WriteAsync(MetricsText text, string family, ServiceMap map, CancellationToken cancellationToken)
    {
        var totals = new TrafficTotals(family);
        using var table = open();
        foreach (var set in Sets)
        {
            foreach (var element in (table.ReadMoving(set) ?? []).DistinctBy(static element => element.Key))
            {
                if (Find(map, element, out var endpoint) is { } frontend)
                {
                    var (port, count) = (ServicePortId.Of(frontend), new TrafficCount((long)element.Packets));
                    if (endpoint is null)
                    {
                        totals.Add(port, count);
                    }
                    else
                    {
                        totals.Add(port, endpoint.ToString(), count);
                    }
                }
            }
        }

        totals.Write(text);
        return Task.CompletedTask;
    }

    // Others translate destinations on this node too, and those connections come through our chain as well: they have no frontend.
    private Frontend? Find(ServiceMap map, SetElement element, out EndpointAddress? endpoint) =>
        ElementKeys.TryReadConnections(element.Key, addressLength, out var key, out endpoint) && map.Find(key!) is { } frontend
            && (endpoint is null || Has(frontend.Cluster, endpoint) || Has(frontend.Local, endpoint))
                ? frontend
                : null;

    private static bool Has(ValueList<EndpointAddress> endpoints, EndpointAddress wanted)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Port == wanted.Port && endpoint.Address.Equals(wanted.Address))
            {
                return true;
            }
        }

        return false;
    }

    private static void AddAll(Frontend frontend, HashSet<SetElement> suspects)
    {
        suspects.Add(SetElement.Member(Layout.ServiceConnections, ElementKeys.Of(frontend.Key)));
        AddEndpoints(frontend, null, suspects);
    }

    private static void AddEndpoints(Frontend frontend, Frontend? without, HashSet<SetElement> suspects)
    {
        HashSet<(IPAddress, ushort)> staying = without is null ? [] : [.. without.Cluster.Concat(without.Local).Select(static endpoint => (endpoint.Address, endpoint.Port))];
        foreach (var endpoint in frontend.Cluster.Concat(frontend.Local))
        {
            if (!staying.Contains((endpoint.Address, endpoint.Port)))
            {
                suspects.Add(SetElement.Member(Layout.EndpointConnections, ElementKeys.Of(frontend.Key, endpoint)));
            }
        }
    }
}
