using System.Globalization;
using Portico.Api.Objects;
using Portico.Controllers.Conditions;

namespace Portico.Controllers.Scheduling;

/// <summary>Where a pod goes, or why nowhere. Reasons are upstream's words, because people search for them.</summary>
/// <param name="Message">Null when there is a node.</param>
internal sealed record Placement(Node? Node, string? Message)
{
    public static Placement Choose(Pod pod, IReadOnlyList<NodeView> nodes)
    {
        var reasons = new SortedDictionary<string, int>(StringComparer.Ordinal);
        NodeView? best = null;
        foreach (var view in nodes)
        {
            if (Refusal(pod, view) is { } reason)
            {
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
            }
            else if (best is null || Rank(pod, view).CompareTo(Rank(pod, best)) < 0)
            {
                best = view;
            }
        }

        if (best is not null)
        {
            return new(best.Node, null);
        }

        return new(null, nodes.Count == 0
            ? "no nodes available to schedule pods"
            : $"0/{nodes.Count} nodes are available: {string.Join(", ", reasons.Select(reason => $"{reason.Value.ToString(CultureInfo.InvariantCulture)} {reason.Key}"))}.");
    }

    // Fewest pods of the same owner, then fewest at all; the name, so that it is the same every time.
    private static (int Discouraging, int OfOwner, int Active, string Name) Rank(Pod pod, NodeView view) =>
        (TaintMatch.Discouraging(pod, view.Node), view.OfOwner(pod.Metadata.ControllerOwner()?.Uid), view.Active, view.Node.Metadata.Name);

    private static string? Refusal(Pod pod, NodeView view)
    {
        var node = view.Node;
        if (node.Spec.Unschedulable == true && !ToleratesUnschedulable(pod))
        {
            return "node(s) were unschedulable";
        }

        if (TaintMatch.Untolerated(pod, node) is { } taint)
        {
            return $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}";
        }

        if (!node.Status.Conditions.IsTrue("Ready"))
        {
            return "node(s) were not ready";
        }

        if (!NodeAffinityMatch.Matches(pod, node))
        {
            return "node(s) didn't match Pod's node affinity/selector";
        }

        return LacksPort(pod, view) ? "node(s) didn't have free ports for the requested pod ports" : Lacking(pod, view);
    }

    private static bool ToleratesUnschedulable(Pod pod) => pod.Spec.Tolerations.Any(toleration =>
        toleration.Operator == "Exists" && (string.IsNullOrEmpty(toleration.Key) || toleration.Key == "node.kubernetes.io/unschedulable"));

    private static bool LacksPort(Pod pod, NodeView view) => pod.Spec.Containers.Any(container => container.Ports.Any(
        port => port.HostPort is > 0 and var number && view.HasPort(port.Protocol ?? "TCP", number)));

    private static string? Lacking(Pod pod, NodeView view)
    {
        var allocatable = view.Node.Status.Allocatable;
        if (allocatable.TryGetValue("pods", out var most) && view.Pods + 1 > Resources.Value(most))
        {
            return "Too many pods";
        }

        foreach (var (name, value) in Resources.Of(pod))
        {
            var free = (allocatable.TryGetValue(name, out var all) ? Resources.Value(all) : 0) - view.Used(name);
            if (value > 0 && value > free)
            {
                return $"Insufficient {name}";
            }
        }

        return null;
    }
}
