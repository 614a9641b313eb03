using Portico.Api.Objects;

namespace Portico.Controllers.Deployments;

/// <summary>How far a rollout may go above and below the number of replicas that is asked for.</summary>
internal readonly record struct RolloutLimits(int Replicas, int MaxSurge, int MaxUnavailable)
{
    public int MaxTotal => Replicas + MaxSurge;

    public int MinAvailable => Replicas - MaxUnavailable;

    /// <summary>Surge rounds up, unavailability down; when both come to nothing one pod may be missing, or nothing could ever move.</summary>
    public static RolloutLimits Of(DeploymentSpec spec)
    {
        var replicas = spec.Replicas ?? 1;
        if (spec.Strategy?.Type == "Recreate")
        {
            return new(replicas, 0, 0);
        }

        var rolling = spec.Strategy?.RollingUpdate;
        var surge = Scale(rolling?.MaxSurge, replicas, roundUp: true);
        var unavailable = Scale(rolling?.MaxUnavailable, replicas, roundUp: false);
        if (surge == 0 && unavailable == 0)
        {
            unavailable = 1;
        }

        return new(replicas, surge, Math.Min(unavailable, replicas));
    }

    // 25 % of each is what the API server fills in; the same for an object that it did not default.
    private static int Scale(Api.Values.IntOrString? value, int replicas, bool roundUp) =>
        Math.Max(0, (value ?? new Api.Values.IntOrString("25%")).Scale(replicas, roundUp) ?? 0);
}
