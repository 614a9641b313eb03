using System.Collections.Immutable;
using Portico.Addresses.Pools;
using Portico.Addresses.Services;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Net.Packets;

namespace Portico.Addresses.Allocations;

/// <summary>Gives addresses of a pool to Services. The answer depends on the objects alone, not on the order in which they were seen.</summary>
public static class Allocation
{
    private static readonly Comparer<ObjectKey> ByKey = Comparer<ObjectKey>.Create(static (left, right) => Compare(left, right));

    /// <summary>
    /// In this order: who has an address keeps it; who asks for one gets it if it is free; the others get the first free one, the oldest Service first.
    /// A Service that no longer wants its address blocks it until status no longer shows it, so no address ever stands in two places.
    /// </summary>
    public static AllocationPlan Compute(IEnumerable<Service> services, AddressPool pool)
    {
        var all = services.ToList();
        all.Sort(static (left, right) => Compare(left, right));
        var wanting = all.FindAll(static service => service.WantsAddress);
        var holders = Holders(all, pool);
        var assignments = ImmutableSortedDictionary.CreateBuilder<ObjectKey, IPv4>(ByKey);
        var problems = ImmutableSortedDictionary.CreateBuilder<ObjectKey, string>(ByKey);
        var waiting = new List<Service>();
        foreach (var service in wanting)
        {
            if (service.Address is { } held && holders.GetValueOrDefault(held) == ObjectKey.Of(service))
            {
                assignments[ObjectKey.Of(service)] = held;
            }
        }

        foreach (var service in wanting)
        {
            var key = ObjectKey.Of(service);
            var request = AddressRequest.Of(service);
            if (Refusal(service, request, pool, holders) is { } refusal)
            {
                problems[key] = refusal;
            }
            else if (request.Address is { } asked)
            {
                // What it had until now stays blocked until status shows the new one.
                holders[asked] = key;
                assignments[key] = asked;
            }
            else if (!assignments.ContainsKey(key))
            {
                waiting.Add(service);
            }
        }

        GiveFirstFree(waiting, pool, holders, assignments, problems);
        return new(assignments.ToImmutable(), problems.ToImmutable());
    }

    /// <summary>The owner of every address that some status shows. Of two that show the same, the older one is.</summary>
    private static Dictionary<IPv4, ObjectKey> Holders(List<Service> oldestFirst, AddressPool pool)
    {
        var holders = new Dictionary<IPv4, ObjectKey>();
        foreach (var service in oldestFirst)
        {
            if (service.Address is { } address && pool.Contains(address))
            {
                holders.TryAdd(address, ObjectKey.Of(service));
            }
        }

        return holders;
    }

    private static string? Refusal(Service service, AddressRequest request, AddressPool pool, Dictionary<IPv4, ObjectKey> holders)
    {
        if (request.Error is not null)
        {
            return request.Error;
        }

        if (service.Spec.IpFamilies is ["IPv6"])
        {
            return $"spec.ipFamilies: only IPv6, but the pool {pool} has only IPv4 addresses: allow IPv4 as well";
        }

        if (request.Address is not { } asked)
        {
            return null;
        }

        if (!pool.Contains(asked))
        {
            return $"{request.Field}: {asked} is not in the pool {pool}: ask for an address of the pool, or remove the field to get any";
        }

        return holders.TryGetValue(asked, out var holder) && holder != ObjectKey.Of(service)
            ? $"{request.Field}: {asked} belongs to service {holder}: ask for another address, or delete that Service first"
            : null;
    }

    private static void GiveFirstFree(
        List<Service> waiting,
        AddressPool pool,
        Dictionary<IPv4, ObjectKey> holders,
        ImmutableSortedDictionary<ObjectKey, IPv4>.Builder assignments,
        ImmutableSortedDictionary<ObjectKey, string>.Builder problems)
    {
        using var free = pool.Free(holders.Keys.ToHashSet()).GetEnumerator();
        foreach (var service in waiting)
        {
            if (free.MoveNext())
            {
                assignments[ObjectKey.Of(service)] = free.Current;
            }
            else
            {
                problems[ObjectKey.Of(service)] =
                    $"all {pool.Size} addresses of the pool {pool} are in use: delete a LoadBalancer Service that is not needed, or give the cluster a larger pool";
            }
        }
    }

    private static int Compare(Service left, Service right)
    {
        var age = (left.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue).CompareTo(right.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue);
        return age != 0 ? age : Compare(ObjectKey.Of(left), ObjectKey.Of(right));
    }

    private static int Compare(ObjectKey left, ObjectKey right)
    {
        var names = string.CompareOrdinal(left.Namespace, right.Namespace);
        return names != 0 ? names : string.CompareOrdinal(left.Name, right.Name);
    }
}
