using System.Globalization;
using Portico.Api.Objects;

namespace Portico.Controllers.Deployments;

/// <summary>A Deployment with its ReplicaSets: the one of the present template, and the older ones, oldest first.</summary>
internal sealed record Rollout(Deployment Deployment, ReplicaSet? New, IReadOnlyList<ReplicaSet> Old)
{
    public const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    public IEnumerable<ReplicaSet> All => New is null ? Old : Old.Append(New);

    public int Replicas => Deployment.Spec.Replicas ?? 1;

    /// <summary>Of several sets with the present template the oldest is the one, as upstream: all must agree on it.</summary>
    public static Rollout Of(Deployment deployment, IEnumerable<ReplicaSet> owned)
    {
        var sets = owned.OrderBy(set => set.Metadata.CreationTimestamp).ThenBy(set => set.Metadata.Name, StringComparer.Ordinal).ToList();
        var current = sets.Find(set => PodTemplate.AreEqual(set.Spec.Template, deployment.Spec.Template));
        return new(deployment, current, [.. sets.Where(set => !ReferenceEquals(set, current))]);
    }

    /// <summary>0 when the annotation is missing or no number.</summary>
    public static long RevisionOf(IObject item) =>
        item.Metadata.Annotations.TryGetValue(RevisionAnnotation, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : 0;

    public static int ReplicasOf(ReplicaSet set) => set.Spec.Replicas ?? 1;

    public static int AvailableOf(ReplicaSet set) => set.Status.AvailableReplicas ?? 0;

    /// <summary>The status of the set is about its present spec.</summary>
    public static bool IsObserved(ReplicaSet set) => (set.Status.ObservedGeneration ?? 0) >= (set.Metadata.Generation ?? 0);

    /// <summary>The revision that the present template has or gets.</summary>
    public long Revision()
    {
        var highest = 0L;
        foreach (var set in Old)
        {
            highest = Math.Max(highest, RevisionOf(set));
        }

        return Math.Max(highest + 1, New is null ? 0 : RevisionOf(New));
    }
}
