using Portico.Api.Objects;

namespace Portico.Node.Pods;

/// <summary>The conditions that a node sets on a pod (upstream: pkg/kubelet/status/generate.go).</summary>
internal static class PodConditions
{
    public static IEnumerable<Condition> Compile(Pod pod, PodView view, string phase)
    {
        yield return Of("PodReadyToStartContainers", view.NetworkReady);
        yield return Initialized(pod, view, phase);
        var containersReady = ContainersReady(pod, view, phase);
        yield return Ready(pod, containersReady);
        yield return containersReady;
        yield return Of("PodScheduled", true);
    }

    private static Condition Initialized(Pod pod, PodView view, string phase)
    {
        if (phase == PodPhase.Succeeded)
        {
            return Of("Initialized", true) with { Reason = "PodCompleted" };
        }

        var incomplete = pod.Spec.InitContainers.Where(container => view.Of(container.Name).Record?.Ended is not { ExitCode: 0 }).Select(container => container.Name).ToList();
        return incomplete.Count == 0
            ? Of("Initialized", true)
            : Of("Initialized", false) with { Reason = "ContainersNotInitialized", Message = $"containers with incomplete status: [{string.Join(' ', incomplete)}]" };
    }

    private static Condition ContainersReady(Pod pod, PodView view, string phase)
    {
        if (PodPhase.IsTerminal(phase))
        {
            return Of("ContainersReady", false) with { Reason = phase == PodPhase.Succeeded ? "PodCompleted" : "PodFailed" };
        }

        var unready = pod.Spec.Containers
            .Where(container => view.Stopping || view.Of(container.Name) is not { IsRunning: true, Ready: true })
            .Select(container => container.Name)
            .ToList();
        return unready.Count == 0
            ? Of("ContainersReady", true)
            : Of("ContainersReady", false) with { Reason = "ContainersNotReady", Message = $"containers with unready status: [{string.Join(' ', unready)}]" };
    }

    private static Condition Ready(Pod pod, Condition containersReady)
    {
        if (containersReady.Status != "True")
        {
            return containersReady with { Type = "Ready" };
        }

        var missing = pod.Spec.ReadinessGates
            .Where(gate => pod.Status.Conditions.FirstOrDefault(condition => condition.Type == gate.ConditionType)?.Status != "True")
            .Select(gate => $"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist or is not True.")
            .ToList();
        return missing.Count == 0
            ? Of("Ready", true)
            : Of("Ready", false) with { Reason = "ReadinessGatesNotReady", Message = string.Join(", ", missing) };
    }

    private static Condition Of(string type, bool status) => new() { Type = type, Status = status ? "True" : "False" };
}
