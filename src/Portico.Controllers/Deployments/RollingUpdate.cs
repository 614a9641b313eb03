using Portico.Api.Objects;

namespace Portico.Controllers.Deployments;

/// <summary>
/// The arithmetic of a rolling update, as upstream's: never more pods than replicas + maxSurge are asked for, and no step takes the
/// available ones below replicas - maxUnavailable. One phase at a time: up first, then down.
/// </summary>
internal static class RollingUpdate
{
    /// <summary>The next steps; none when there is nothing to do or to wait for.</summary>
    public static IReadOnlyList<ScaleStep> Compute(Rollout rollout)
    {
        if (rollout.New is not { } current)
        {
            return [];
        }

        var wanted = NewReplicas(rollout);
        return wanted != Rollout.ReplicasOf(current) ? [new(current, wanted)] : ScaleDownOld(rollout, current);
    }

    /// <summary>How many replicas the set of the present template may have now; also before it is made.</summary>
    public static int NewReplicas(Rollout rollout)
    {
        var limits = RolloutLimits.Of(rollout.Deployment.Spec);
        var now = rollout.New is null ? 0 : Rollout.ReplicasOf(rollout.New);
        if (now >= limits.Replicas)
        {
            return limits.Replicas;
        }

        var room = limits.MaxTotal - Total(rollout.All);
        return room <= 0 ? now : now + Math.Min(room, limits.Replicas - now);
    }

    private static IReadOnlyList<ScaleStep> ScaleDownOld(Rollout rollout, ReplicaSet current)
    {
        // A status that is older than the last scaling counts pods that are already going as available.
        if (!rollout.All.All(Rollout.IsObserved))
        {
            return [];
        }

        var limits = RolloutLimits.Of(rollout.Deployment.Spec);
        var missingInNew = Rollout.ReplicasOf(current) - Available(current);
        // What the new set still lacks must not be taken from the old ones as well.
        var budget = Total(rollout.All) - limits.MinAvailable - missingInNew;
        if (budget <= 0 || Total(rollout.Old) == 0)
        {
            return [];
        }

        var replicas = rollout.Old.Select(Rollout.ReplicasOf).ToArray();
        RemoveUnhealthy(rollout.Old, replicas, budget);
        RemoveAvailable(rollout, replicas, limits.MinAvailable);
        return [.. rollout.Old.Select((set, i) => new ScaleStep(set, replicas[i])).Where(step => step.Replicas != step.From)];
    }

    // First: they serve nobody, and would block the rollout for ever.
    private static void RemoveUnhealthy(IReadOnlyList<ReplicaSet> old, int[] replicas, int budget)
    {
        for (var i = 0; i < replicas.Length; i++)
        {
            var unhealthy = Math.Min(budget, replicas[i] - Available(old[i]));
            if (unhealthy > 0)
            {
                replicas[i] -= unhealthy;
                budget -= unhealthy;
            }
        }
    }

    private static void RemoveAvailable(Rollout rollout, int[] replicas, int minAvailable)
    {
        var spare = rollout.All.Sum(Available) - minAvailable;
        for (var i = 0; i < replicas.Length; i++)
        {
            var fewer = Math.Min(spare, replicas[i]);
            if (fewer > 0)
            {
                replicas[i] -= fewer;
                spare -= fewer;
            }
        }
    }

    // Pods beyond what is asked for are on their way out, also when the status still counts them.
    private static int Available(ReplicaSet set) => Math.Min(Rollout.AvailableOf(set), Rollout.ReplicasOf(set));

    private static int Total(IEnumerable<ReplicaSet> sets) => sets.Sum(Rollout.ReplicasOf);
}
