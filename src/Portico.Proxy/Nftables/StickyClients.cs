using Portico.Net.Netlink;
using Portico.Net.Nftables;
using Portico.Proxy.Services;

namespace Portico.Proxy.Nftables;

/// <summary>The clients that the kernel remembers for sessionAffinity. Those whose endpoint is gone choose again.</summary>
internal sealed class StickyClients(INftables nftables, int addressLength)
{
    /// <summary>Forgets all that <paramref name="map"/> does not know.</summary>
    public void Forget(ServiceMap map)
    {
        var groups = new Dictionary<(FrontendKey, bool), Frontend?>();
        foreach (var frontend in map.Frontends)
        {
            Note(groups, frontend);
        }

        Forget(groups.GetValueOrDefault, static _ => true);
    }

    /// <summary>Forgets what the changes made wrong.</summary>
    public void Forget(IReadOnlyList<FrontendChange> changes)
    {
        var groups = new Dictionary<(FrontendKey, bool), Frontend?>();
        foreach (var change in changes)
        {
            // A frontend that goes takes nobody's endpoint along; the first one is the port itself.
            if (change is { Old: { Affinity: not null } old, New: not { Affinity: not null } } && old.Key == old.PortKey)
            {
                groups.TryAdd((old.PortKey, false), null);
                groups.TryAdd((old.PortKey, true), null);
            }

            Note(groups, change.New);
        }

        if (groups.Count > 0)
        {
            Forget(group => groups[group], groups.ContainsKey);
        }
    }

    private static void Note(Dictionary<(FrontendKey, bool), Frontend?> groups, Frontend? frontend)
    {
        if (frontend is { Affinity: not null })
        {
            groups[(frontend.PortKey, frontend.ChoosesApart)] = frontend;
        }
    }

    private void Forget(Func<(FrontendKey, bool), Frontend?> find, Predicate<(FrontendKey, bool)> isConcerned)
    {
        const int attempts = 3;
        for (var attempt = 1; Stale(find, isConcerned) is { Count: > 0 } stale; attempt++)
        {
            try
            {
                nftables.Apply(stale, []);
                return;
            }
            catch (NetlinkException expired) when (expired.Errno == NetlinkException.NoEntry && attempt < attempts)
            {
                // The time of one of them ran out just now.
            }
        }
    }

    private List<SetElement> Stale(Func<(FrontendKey, bool), Frontend?> find, Predicate<(FrontendKey, bool)> isConcerned)
    {
        var stale = new List<SetElement>();
        foreach (var apart in (bool[])[false, true])
        {
            foreach (var element in nftables.Read(AffinityChains.Map(apart)) ?? [])
            {
                if (ElementKeys.TryReadAffinity(element.Key, addressLength, out var port) && isConcerned((port!, apart)) && !IsServed(find((port!, apart)), element.Data))
                {
                    stale.Add(element);
                }
            }
        }

        return stale;
    }

    private static bool IsServed(Frontend? frontend, ElementBytes endpoint) =>
        frontend is not null && (Has(frontend.Cluster, endpoint) || Has(frontend.Local, endpoint));

    private static bool Has(ValueList<EndpointAddress> endpoints, ElementBytes wanted)
    {
        foreach (var endpoint in endpoints)
        {
            if (ElementKeys.Of(endpoint) == wanted)
            {
                return true;
            }
        }

        return false;
    }
}
