using Portico.Api.Objects;

namespace Portico.Controllers.Scheduling;

/// <summary>Taints against tolerations.</summary>
internal static class TaintMatch
{
    /// <summary>The first taint that keeps the pod away; null when none does.</summary>
    public static Taint? Untolerated(Pod pod, Node node) =>
        node.Spec.Taints.FirstOrDefault(taint => taint.Effect is "NoSchedule" or "NoExecute" && !IsTolerated(pod, taint));

    /// <summary>How many taints advise against the node.</summary>
    public static int Discouraging(Pod pod, Node node) =>
        node.Spec.Taints.Count(taint => taint.Effect == "PreferNoSchedule" && !IsTolerated(pod, taint));

    private static bool IsTolerated(Pod pod, Taint taint) => pod.Spec.Tolerations.Any(toleration =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (string.IsNullOrEmpty(toleration.Key) ? toleration.Operator == "Exists" : toleration.Key == taint.Key)
        && (toleration.Operator == "Exists" || (toleration.Value ?? "") == (taint.Value ?? "")));
}
