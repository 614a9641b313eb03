using Portico.Node.Records;

namespace Portico.Node.Pods;

/// <summary>What is known of a container when the pod's status is computed.</summary>
/// <param name="Record">Null: it never ran.</param>
/// <param name="WaitingReason">Why it is not running, when it is to run.</param>
/// <param name="Ready">Its readiness probe says so, or it has none.</param>
internal readonly record struct ContainerView(ContainerRecord? Record, string? WaitingReason, string? WaitingMessage, bool Ready)
{
    public bool IsRunning => Record is { Ended: null };
}
