using System.Globalization;
using Portico.Api.Objects;

namespace Portico.Controllers.Scheduling;

/// <summary>Whether a node is one that a pod asks for by nodeSelector and required node affinity.</summary>
internal static class NodeAffinityMatch
{
    public static bool Matches(Pod pod, Node node)
    {
        foreach (var (name, value) in pod.Spec.NodeSelector)
        {
            if (!node.Metadata.Labels.TryGetValue(name, out var label) || label != value)
            {
                return false;
            }
        }

        return pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is not { } required
            || required.NodeSelectorTerms.Any(term => Matches(term, node));
    }

    // As upstream, a term without requirements matches no node.
    private static bool Matches(NodeSelectorTerm term, Node node) =>
        term.MatchExpressions.Count + term.MatchFields.Count > 0
        && term.MatchExpressions.All(requirement => Matches(requirement, node.Metadata.Labels.GetValueOrDefault(requirement.Key)))
        && term.MatchFields.All(requirement => requirement.Key == "metadata.name" && Matches(requirement, node.Metadata.Name));

    private static bool Matches(LabelSelectorRequirement requirement, string? value) => requirement.Operator switch
    {
        "In" => value is not null && requirement.Values.Contains(value),
        "NotIn" => value is null || !requirement.Values.Contains(value),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Compare(requirement, value) > 0,
        "Lt" => Compare(requirement, value) < 0,
        _ => false,
    };

    // 0 when one of them is no number.
    private static int Compare(LabelSelectorRequirement requirement, string? value) =>
        requirement.Values.Count == 1
        && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && long.TryParse(requirement.Values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : 0;
}
