using System.Collections.Immutable;
using Portico.Addresses.Services;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Net.Packets;

namespace Portico.Addresses.Announcements;

/// <summary>
/// Which node announces which address. Every node computes the same from the same objects, so no node has to ask another.
/// As in MetalLB, a Service without a usable endpoint is announced from nowhere: its clients learn at once that nobody is there.
/// </summary>
public static class Election
{
    /// <summary>Upstream's label of nodes that take no load balancer traffic.</summary>
    public const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    /// <param name="services">Those that show no address of ours are passed over.</param>
    /// <param name="slicesOf">The EndpointSlices of a Service.</param>
    /// <returns>Address → name of the node.</returns>
    public static ImmutableDictionary<IPv4, string> Owners(
        IEnumerable<Service> services, Func<ObjectKey, IEnumerable<EndpointSlice>> slicesOf, IEnumerable<Node> nodes)
    {
        var candidates = Candidates(nodes);
        var owners = ImmutableDictionary.CreateBuilder<IPv4, string>();
        if (candidates.Count == 0)
        {
            return owners.ToImmutable();
        }

        // The order decides only when two Services wrongly show the same address: it still has one owner.
        foreach (var service in services.OrderBy(static service => service.Metadata.Namespace, StringComparer.Ordinal).ThenBy(static service => service.Metadata.Name, StringComparer.Ordinal))
        {
            if (service.WantsAddress && service.Address is { } address && !owners.ContainsKey(address)
                && Owner(address, Eligible(service, slicesOf(ObjectKey.Of(service)), candidates)) is { } owner)
            {
                owners[address] = owner;
            }
        }

        return owners.ToImmutable();
    }

    private static HashSet<string> Candidates(IEnumerable<Node> nodes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            if (node.Metadata.DeletionTimestamp is null && Has(node, "Ready", "True") && !Has(node, "NetworkUnavailable", "True")
                && !node.Metadata.Labels.ContainsKey(ExcludeLabel))
            {
                names.Add(node.Metadata.Name);
            }
        }

        return names;
    }

    private static HashSet<string> Eligible(Service service, IEnumerable<EndpointSlice> slices, HashSet<string> candidates)
    {
        var ready = new HashSet<string>(StringComparer.Ordinal);
        var serving = new HashSet<string>(StringComparer.Ordinal);
        foreach (var slice in slices)
        {
            foreach (var endpoint in slice.Endpoints)
            {
                if (endpoint.Conditions.Ready ?? true)
                {
                    ready.Add(endpoint.NodeName ?? "");
                }
                else if (endpoint.Conditions.Serving ?? false)
                {
                    serving.Add(endpoint.NodeName ?? "");
                }
            }
        }

        if (service.Spec.ExternalTrafficPolicy != "Local")
        {
            return ready.Count + serving.Count > 0 ? candidates : [];
        }

        // Endpoints that are ending serve only while there is no other, as in the service proxy.
        ready.IntersectWith(candidates);
        serving.IntersectWith(candidates);
        return ready.Count > 0 ? ready : serving;
    }

    /// <summary>Rendezvous hashing: a node that leaves moves its own addresses only, a node that comes takes only what becomes its own.</summary>
    private static string? Owner(IPv4 address, HashSet<string> nodes)
    {
        string? owner = null;
        ulong highest = 0;
        foreach (var node in nodes)
        {
            var score = Score(address, node);
            if (owner is null || score > highest || (score == highest && string.CompareOrdinal(node, owner) < 0))
            {
                (owner, highest) = (node, score);
            }
        }

        return owner;
    }

    // FNV-1a over the name, then the finalizer of MurmurHash3, so that neighbouring addresses fall apart. Every version has to compute the same.
    private static ulong Score(IPv4 address, string node)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in node)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        hash ^= address.Value * 0x9E3779B97F4A7C15UL;
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCDUL;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53UL;
        return hash ^ (hash >> 33);
    }

    private static bool Has(Node node, string type, string status)
    {
        foreach (var condition in node.Status.Conditions)
        {
            if (condition.Type == type)
            {
                return condition.Status == status;
            }
        }

        return false;
    }
}
