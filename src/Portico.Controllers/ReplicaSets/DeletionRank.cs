using System.Globalization;
using Portico.Api.Objects;
using Portico.Controllers.Conditions;
using Portico.Controllers.Pods;

namespace Portico.Controllers.ReplicaSets;

/// <summary>
/// Which pods go first when there are too many, as upstream: those that serve least, then those whose node has the most of their
/// kind, then the youngest.
/// </summary>
internal static class DeletionRank
{
    private const string CostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

    /// <param name="related">Active pods of the same workload (all ReplicaSets of one Deployment): they count as doubled up on a node.</param>
    public static IReadOnlyList<Pod> Choose(IReadOnlyList<Pod> pods, int count, IEnumerable<Pod> related)
    {
        if (count >= pods.Count)
        {
            return pods;
        }

        var onNode = related.GroupBy(pod => pod.Spec.NodeName ?? "", StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        return
        [
            .. pods.OrderBy(IsAssigned)
                .ThenBy(PhaseRank)
                .ThenBy(PodFacts.IsReady)
                .ThenBy(Cost)
                .ThenByDescending(pod => onNode.GetValueOrDefault(pod.Spec.NodeName ?? ""))
                .ThenByDescending(pod => pod.Status.Conditions.Find("Ready")?.LastTransitionTime ?? DateTimeOffset.MaxValue)
                .ThenByDescending(Restarts)
                .ThenByDescending(pod => pod.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue)
                .ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
                .Take(count),
        ];
    }

    private static bool IsAssigned(Pod pod) => pod.Spec.NodeName is { Length: > 0 };

    private static int PhaseRank(Pod pod) => pod.Status.Phase switch
    {
        "Running" => 2,
        "Unknown" => 1,
        _ => 0,
    };

    private static int Cost(Pod pod) =>
        pod.Metadata.Annotations.TryGetValue(CostAnnotation, out var text)
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost)
            ? cost
            : 0;

    private static int Restarts(Pod pod)
    {
        var most = 0;
        foreach (var container in pod.Status.ContainerStatuses)
        {
            most = Math.Max(most, container.RestartCount);
        }

        return most;
    }
}
