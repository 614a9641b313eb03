using Portico.Api.Objects;
using Portico.Api.Values;

namespace Portico.Controllers.Scheduling;

/// <summary>Sums of resource requests.</summary>
internal static class Resources
{
    /// <summary>What a pod asks for: all containers together, or its largest init container, whichever is more.</summary>
    public static Dictionary<string, decimal> Of(Pod pod)
    {
        var sum = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var container in pod.Spec.Containers)
        {
            foreach (var (name, quantity) in Requests(container))
            {
                sum[name] = sum.GetValueOrDefault(name) + Value(quantity);
            }
        }

        foreach (var container in pod.Spec.InitContainers)
        {
            foreach (var (name, quantity) in Requests(container))
            {
                sum[name] = Math.Max(sum.GetValueOrDefault(name), Value(quantity));
            }
        }

        return sum;
    }

    /// <summary>0 for what is no quantity; the API server refuses those.</summary>
    public static decimal Value(Quantity quantity) => Quantity.TryParse(quantity.ToString(), out var value) ? value : 0;

    // A limit without a request is the request as well.
    private static IEnumerable<KeyValuePair<string, Quantity>> Requests(Container container)
    {
        if (container.Resources is not { } resources)
        {
            return [];
        }

        return resources.Requests.Concat(resources.Limits.Where(limit => !resources.Requests.ContainsKey(limit.Key)));
    }
}
