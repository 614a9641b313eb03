using Portico.Api.Objects;
using Portico.Controllers.Conditions;

namespace Portico.Controllers.Nodes;

/// <summary>What a node's lease and conditions say about it, and which taints follow.</summary>
/// <param name="IsUnreachable">Neither lease nor status was renewed within the grace period.</param>
/// <param name="Taints">The taints that the node should have; others' are kept.</param>
internal sealed record NodeHealth(bool IsUnreachable, IReadOnlyList<Taint> Taints)
{
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string NotReady = "node.kubernetes.io/not-ready";

    private const string Unschedulable = "node.kubernetes.io/unschedulable";

    /// <param name="silence">How long ago a sign of life was last seen, by our own clock.</param>
    public static NodeHealth Compute(Node node, TimeSpan silence, TimeSpan grace, DateTimeOffset now)
    {
        var unreachable = silence > grace;
        var ready = node.Status.Conditions.Find("Ready")?.Status;
        var lost = unreachable || ready == "Unknown";
        var taints = node.Spec.Taints.Where(taint => taint.Key is not (Unreachable or NotReady or Unschedulable)).ToList();
        Put(node, taints, Unreachable, "NoSchedule", lost, now);
        Put(node, taints, Unreachable, "NoExecute", lost, now);
        Put(node, taints, NotReady, "NoSchedule", !lost && ready != "True", now);
        Put(node, taints, NotReady, "NoExecute", !lost && ready == "False", now);
        Put(node, taints, Unschedulable, "NoSchedule", node.Spec.Unschedulable == true, now);
        return new(unreachable, taints);
    }

    /// <summary>The same keys and effects, in any order.</summary>
    public static bool HasTaints(Node node, IReadOnlyList<Taint> taints) =>
        node.Spec.Taints.Count == taints.Count
        && node.Spec.Taints.All(taint => taints.Any(other => other.Key == taint.Key && other.Effect == taint.Effect && other.Value == taint.Value));

    private static void Put(Node node, List<Taint> taints, string key, string effect, bool wanted, DateTimeOffset now)
    {
        if (wanted)
        {
            var present = node.Spec.Taints.FirstOrDefault(taint => taint.Key == key && taint.Effect == effect);
            // As upstream, only what evicts carries its time.
            taints.Add(present ?? new() { Key = key, Effect = effect, TimeAdded = effect == "NoExecute" ? now : null });
        }
    }
}
