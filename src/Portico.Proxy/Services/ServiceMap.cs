using System.Collections.Immutable;
using Portico.Api.Kinds;

namespace Portico.Proxy.Services;

/// <summary>The frontends of all Services of a node. Immutable; an update costs what changed, not what there is.</summary>
public sealed class ServiceMap
{
    public static readonly ServiceMap Empty = new(
        ImmutableDictionary<ObjectKey, ServicePlan>.Empty, ImmutableDictionary<FrontendKey, ImmutableArray<Frontend>>.Empty);

    private readonly ImmutableDictionary<FrontendKey, ImmutableArray<Frontend>> _claims;

    private ServiceMap(ImmutableDictionary<ObjectKey, ServicePlan> plans, ImmutableDictionary<FrontendKey, ImmutableArray<Frontend>> claims)
    {
        Plans = plans;
        _claims = claims;
    }

    public ImmutableDictionary<ObjectKey, ServicePlan> Plans { get; }

    /// <summary>Each frontend once: of several claims, that of the Service that has it.</summary>
    public IEnumerable<Frontend> Frontends
    {
        get
        {
            foreach (var claims in _claims.Values)
            {
                yield return claims[0];
            }
        }
    }

    public Frontend? Find(FrontendKey key) => _claims.TryGetValue(key, out var claims) ? claims[0] : null;

    /// <summary>Takes over new plans; a plan that says nothing removes the Service.</summary>
    public (ServiceMap Map, List<FrontendChange> Changes) With(IReadOnlyCollection<ServicePlan> plans)
    {
        var allPlans = Plans.ToBuilder();
        var claims = _claims.ToBuilder();
        var before = new Dictionary<FrontendKey, Frontend?>();
        foreach (var plan in plans)
        {
            if (allPlans.TryGetValue(plan.Service, out var old))
            {
                foreach (var frontend in old.Frontends)
                {
                    Note(frontend.Key);
                    Withdraw(claims, frontend.Key, plan.Service);
                }
            }

            if (plan.Frontends.IsEmpty && plan.HealthCheck is null && plan.Problems.IsEmpty)
            {
                allPlans.Remove(plan.Service);
            }
            else
            {
                allPlans[plan.Service] = plan;
            }

            foreach (var frontend in plan.Frontends)
            {
                Note(frontend.Key);
                Claim(claims, frontend, allPlans);
            }
        }

        var changes = new List<FrontendChange>();
        foreach (var (key, old) in before)
        {
            var now = claims.TryGetValue(key, out var claimed) ? claimed[0] : null;
            if (old != now)
            {
                changes.Add(new(key, old, now));
            }
        }

        return (new(allPlans.ToImmutable(), claims.ToImmutable()), changes);

        void Note(FrontendKey key) => before.TryAdd(key, Find(key));
    }

    private static void Withdraw(ImmutableDictionary<FrontendKey, ImmutableArray<Frontend>>.Builder claims, FrontendKey key, ObjectKey service)
    {
        if (claims.TryGetValue(key, out var claimed))
        {
            claimed = claimed.RemoveAll(claim => claim.Service == service);
            if (claimed.IsEmpty)
            {
                claims.Remove(key);
            }
            else
            {
                claims[key] = claimed;
            }
        }
    }

    private static void Claim(
        ImmutableDictionary<FrontendKey, ImmutableArray<Frontend>>.Builder claims, Frontend frontend, ImmutableDictionary<ObjectKey, ServicePlan>.Builder plans)
    {
        if (!claims.TryGetValue(frontend.Key, out var claimed))
        {
            claims[frontend.Key] = [frontend];
            return;
        }

        var index = 0;
        while (index < claimed.Length && Compare(claimed[index], frontend, plans) <= 0)
        {
            index++;
        }

        claims[frontend.Key] = claimed.Insert(index, frontend);
    }

    private static int Compare(Frontend left, Frontend right, ImmutableDictionary<ObjectKey, ServicePlan>.Builder plans)
    {
        var order = plans[left.Service].Created.CompareTo(plans[right.Service].Created);
        order = order != 0 ? order : string.CompareOrdinal(left.Service.Namespace, right.Service.Namespace);
        return order != 0 ? order : string.CompareOrdinal(left.Service.Name, right.Service.Name);
    }
}
