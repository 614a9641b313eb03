using Portico.Api.Objects;
using Portico.Controllers.Conditions;
using Portico.Controllers.Deployments;
using Portico.Controllers.Pods;

namespace Portico.Controllers.ReplicaSets;

/// <summary>What a ReplicaSet has to do, and what its status is.</summary>
/// <param name="Recheck">When a ready pod becomes available without any other change; null when none will.</param>
internal sealed record ReplicaSetPlan(int Create, IReadOnlyList<Pod> Delete, ReplicaSetStatus Status, TimeSpan? Recheck)
{
    /// <summary>Of one step (upstream BurstReplicas).</summary>
    public const int Burst = 500;

    /// <param name="pods">The active pods that the set owns.</param>
    /// <param name="related">Active pods of the whole workload.</param>
    public static ReplicaSetPlan Compute(ReplicaSet set, IReadOnlyList<Pod> pods, IEnumerable<Pod> related, DateTimeOffset now)
    {
        var missing = (set.Spec.Replicas ?? 1) - pods.Count;
        if (set.Metadata.DeletionTimestamp is not null)
        {
            missing = 0;
        }

        var delete = missing < 0 ? DeletionRank.Choose(pods, Math.Min(-missing, Burst), related) : [];
        var (status, recheck) = Count(set, pods, now);
        return new(Math.Clamp(missing, 0, Burst), delete, status, recheck);
    }

    /// <param name="failure">Message of a create or delete that was refused, if one was.</param>
    public static ReplicaSetStatus WithFailure(ReplicaSetStatus status, string? reason, string? failure, DateTimeOffset now) => status with
    {
        Conditions = failure is null
            ? status.Conditions.Without(RolloutStatus.ReplicaFailure)
            : status.Conditions.With(new() { Type = RolloutStatus.ReplicaFailure, Status = "True", Reason = reason, Message = failure, LastTransitionTime = now }),
    };

    private static (ReplicaSetStatus Status, TimeSpan? Recheck) Count(ReplicaSet set, IReadOnlyList<Pod> pods, DateTimeOffset now)
    {
        var minReady = set.Spec.MinReadySeconds ?? 0;
        var labels = PodTemplate.Labels(set.Spec.Template);
        int labeled = 0, ready = 0, available = 0;
        TimeSpan? recheck = null;
        foreach (var pod in pods)
        {
            labeled += labels.All(label => pod.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value) ? 1 : 0;
            if (!PodFacts.IsReady(pod))
            {
                continue;
            }

            ready++;
            var wait = PodFacts.UntilAvailable(pod, minReady, now);
            if (wait <= TimeSpan.Zero)
            {
                available++;
            }
            else if (recheck is null || wait < recheck)
            {
                recheck = wait;
            }
        }

        var status = new ReplicaSetStatus
        {
            ObservedGeneration = set.Metadata.Generation,
            Replicas = pods.Count,
            FullyLabeledReplicas = labeled == 0 ? null : labeled,
            ReadyReplicas = ready == 0 ? null : ready,
            AvailableReplicas = available == 0 ? null : available,
            Conditions = set.Status.Conditions,
        };
        return (status, recheck);
    }
}
