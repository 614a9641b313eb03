using Portico.Api.Objects;
using Portico.Controllers.Pods;

namespace Portico.Controllers.Nodes;

/// <summary>What becomes of a pod whose node is gone or silent.</summary>
internal enum PodFate
{
    Leave,

    /// <summary>Its Ready condition becomes False: nobody can tell whether it serves.</summary>
    MarkNotReady,

    /// <summary>Deleted with its grace period: its owner makes another one.</summary>
    Delete,

    /// <summary>Removed at once: nobody is there to end it.</summary>
    Remove,
}

/// <summary>Decides a <see cref="PodFate"/>.</summary>
internal static class PodFates
{
    /// <param name="unreachableFor">How long the node has been unreachable.</param>
    public static PodFate OnUnreachable(Pod pod, TimeSpan unreachableFor, TimeSpan evictAfter, DateTimeOffset now)
    {
        if (unreachableFor >= evictAfter)
        {
            if (pod.Metadata.DeletionTimestamp is not { } until)
            {
                return PodFates.IsEvictable(pod) ? PodFate.Delete : NotReady(pod);
            }

            // The deletion timestamp is when the grace period ends.
            return until <= now ? PodFate.Remove : NotReady(pod);
        }

        return NotReady(pod);
    }

    private static PodFate NotReady(Pod pod) => PodFacts.IsReady(pod) ? PodFate.MarkNotReady : PodFate.Leave;

    // A pod that tolerates the taint for ever stays, as upstream.
    private static bool IsEvictable(Pod pod) => !pod.Spec.Tolerations.Any(toleration =>
        toleration.TolerationSeconds is null
        && (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == "NoExecute")
        && (string.IsNullOrEmpty(toleration.Key) ? toleration.Operator == "Exists" : toleration.Key == NodeHealth.Unreachable));
}
