using Portico.Api.Objects;
using Portico.Controllers.Conditions;

namespace Portico.Controllers.Deployments;

/// <summary>The status of a Deployment, with upstream's conditions and reasons: kubectl reads them.</summary>
internal static class RolloutStatus
{
    public const string Progressing = "Progressing";
    public const string Available = "Available";
    public const string ReplicaFailure = "ReplicaFailure";

    private const string NewReplicaSetAvailable = "NewReplicaSetAvailable";
    private const string DeadlineExceeded = "ProgressDeadlineExceeded";
    private const string Paused = "DeploymentPaused";

    /// <param name="created">A set for the present template was just made.</param>
    public static DeploymentStatus Compute(Rollout rollout, bool created, DateTimeOffset now)
    {
        var deployment = rollout.Deployment;
        var before = deployment.Status;
        var status = Count(rollout);
        status = status with { Conditions = before.Conditions.With(AvailableCondition(rollout, now)) };
        if (HasDeadline(deployment))
        {
            var progress = ProgressCondition(rollout, status, created, now);
            status = status with { Conditions = WithProgress(status.Conditions, progress, before) };
        }
        else
        {
            status = status with { Conditions = status.Conditions.Without(Progressing) };
        }

        var failure = rollout.New?.Status.Conditions.Find(ReplicaFailure)
            ?? rollout.Old.Select(set => set.Status.Conditions.Find(ReplicaFailure)).FirstOrDefault(condition => condition is not null);
        return status with
        {
            Conditions = failure is null
                ? status.Conditions.Without(ReplicaFailure)
                : status.Conditions.With(failure with { LastUpdateTime = now, LastTransitionTime = failure.LastTransitionTime ?? now }),
        };
    }

    /// <summary>Every replica is of the present template and available, and none of another is left.</summary>
    public static bool IsComplete(Deployment deployment, DeploymentStatus status)
    {
        var replicas = deployment.Spec.Replicas ?? 1;
        return (status.UpdatedReplicas ?? 0) == replicas && (status.Replicas ?? 0) == replicas && (status.AvailableReplicas ?? 0) == replicas
            && (status.ObservedGeneration ?? 0) >= (deployment.Metadata.Generation ?? 0);
    }

    /// <summary>When to look again for the progress deadline; null when there is nothing to wait for.</summary>
    public static TimeSpan? UntilDeadline(Deployment deployment, DeploymentStatus status, DateTimeOffset now)
    {
        if (!HasDeadline(deployment) || deployment.Spec.Paused == true || IsComplete(deployment, status)
            || status.Conditions.Find(Progressing) is not { LastUpdateTime: { } since } condition || condition.Reason is DeadlineExceeded or NewReplicaSetAvailable)
        {
            return null;
        }

        // A second more: the condition's time has whole seconds.
        return since + TimeSpan.FromSeconds(deployment.Spec.ProgressDeadlineSeconds!.Value + 1) - now;
    }

    private static bool HasDeadline(Deployment deployment) => deployment.Spec.ProgressDeadlineSeconds is > 0 and not int.MaxValue;

    private static DeploymentStatus Count(Rollout rollout)
    {
        var all = rollout.All.ToList();
        var available = all.Sum(Rollout.AvailableOf);
        return new()
        {
            ObservedGeneration = rollout.Deployment.Metadata.Generation,
            Replicas = Some(all.Sum(set => set.Status.Replicas)),
            UpdatedReplicas = Some(rollout.New?.Status.Replicas ?? 0),
            ReadyReplicas = Some(all.Sum(set => set.Status.ReadyReplicas ?? 0)),
            AvailableReplicas = Some(available),
            UnavailableReplicas = Some(Math.Max(0, all.Sum(Rollout.ReplicasOf) - available)),
            CollisionCount = rollout.Deployment.Status.CollisionCount,
        };
    }

    // Zero is left out, as by upstream's omitempty.
    private static int? Some(int count) => count == 0 ? null : count;

    private static Condition AvailableCondition(Rollout rollout, DateTimeOffset now)
    {
        var limits = RolloutLimits.Of(rollout.Deployment.Spec);
        return rollout.All.Sum(Rollout.AvailableOf) >= limits.MinAvailable
            ? Make(Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
            : Make(Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now);
    }

    private static Condition? ProgressCondition(Rollout rollout, DeploymentStatus status, bool created, DateTimeOffset now)
    {
        var deployment = rollout.Deployment;
        var current = deployment.Status.Conditions.Find(Progressing);
        if (deployment.Spec.Paused == true)
        {
            return current?.Reason == DeadlineExceeded ? null : Make(Progressing, "Unknown", Paused, "Deployment is paused", now);
        }

        if (current?.Reason == Paused)
        {
            return Make(Progressing, "Unknown", "DeploymentResumed", "Deployment is resumed", now);
        }

        var name = rollout.New?.Metadata.Name;
        var subject = name is null ? $"Deployment \"{deployment.Metadata.Name}\"" : $"ReplicaSet \"{name}\"";
        if (created)
        {
            return Make(Progressing, "True", "NewReplicaSetCreated", $"Created new replica set \"{name}\"", now);
        }

        if (current?.Reason == NewReplicaSetAvailable && status.Replicas == status.UpdatedReplicas)
        {
            return null;
        }

        if (IsComplete(deployment, status))
        {
            return Make(Progressing, "True", NewReplicaSetAvailable, $"{subject} has successfully progressed.", now);
        }

        if (HasProgressed(deployment.Status, status))
        {
            return Make(Progressing, "True", "ReplicaSetUpdated", $"{subject} is progressing.", now);
        }

        if (current is null && name is not null)
        {
            return Make(Progressing, "True", "FoundNewReplicaSet", $"Found new replica set \"{name}\"", now);
        }

        return IsOverdue(deployment, current, now) ? Make(Progressing, "False", DeadlineExceeded, $"{subject} has timed out progressing.", now) : null;
    }

    // Progress under the same reason moves the update time, which the deadline is counted from.
    private static IReadOnlyList<Condition> WithProgress(IReadOnlyList<Condition> conditions, Condition? progress, DeploymentStatus before)
    {
        if (progress is not { Reason: "ReplicaSetUpdated" })
        {
            return progress is null ? conditions : conditions.With(progress);
        }

        var current = before.Conditions.Find(Progressing);
        var since = current is { Status: "True" } ? current.LastTransitionTime : progress.LastTransitionTime;
        return [.. conditions.Without(Progressing), progress with { LastTransitionTime = since }];
    }

    private static bool HasProgressed(DeploymentStatus before, DeploymentStatus now) =>
        (now.UpdatedReplicas ?? 0) > (before.UpdatedReplicas ?? 0)
        || (now.Replicas ?? 0) - (now.UpdatedReplicas ?? 0) < (before.Replicas ?? 0) - (before.UpdatedReplicas ?? 0)
        || (now.ReadyReplicas ?? 0) > (before.ReadyReplicas ?? 0)
        || (now.AvailableReplicas ?? 0) > (before.AvailableReplicas ?? 0);

    private static bool IsOverdue(Deployment deployment, Condition? current, DateTimeOffset now) =>
        current is { LastUpdateTime: { } since } && current.Reason is not (NewReplicaSetAvailable or DeadlineExceeded)
        && since + TimeSpan.FromSeconds(deployment.Spec.ProgressDeadlineSeconds!.Value) < now;

    private static Condition Make(string type, string status, string reason, string message, DateTimeOffset now) =>
        new() { Type = type, Status = status, Reason = reason, Message = message, LastUpdateTime = now, LastTransitionTime = now };
}
