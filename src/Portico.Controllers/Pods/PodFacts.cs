using Portico.Api.Objects;
using Portico.Controllers.Conditions;

namespace Portico.Controllers.Pods;

/// <summary>What the controllers conclude from a pod's status.</summary>
internal static class PodFacts
{
    public static bool IsTerminal(Pod pod) => pod.Status.Phase is "Succeeded" or "Failed";

    /// <summary>Counts as a replica: neither ended nor being deleted.</summary>
    public static bool IsActive(Pod pod) => !IsTerminal(pod) && pod.Metadata.DeletionTimestamp is null;

    public static bool IsReady(Pod pod) => pod.Status.Conditions.IsTrue("Ready");

    public static bool IsAvailable(Pod pod, int minReadySeconds, DateTimeOffset now) =>
        IsReady(pod) && UntilAvailable(pod, minReadySeconds, now) <= TimeSpan.Zero;

    /// <summary>How long a ready pod still has to stay ready.</summary>
    public static TimeSpan UntilAvailable(Pod pod, int minReadySeconds, DateTimeOffset now)
    {
        if (minReadySeconds == 0)
        {
            return TimeSpan.Zero;
        }

        return pod.Status.Conditions.Find("Ready")?.LastTransitionTime is { } since
            ? since + TimeSpan.FromSeconds(minReadySeconds) - now
            : TimeSpan.FromSeconds(minReadySeconds);
    }
}
