using Portico.Api.Objects;
using Portico.Node.Records;

namespace Portico.Node.Pods;

/// <summary>Computes a pod's status from what is so on the node.</summary>
internal static class PodStatusCompiler
{
    public static PodStatus Compile(Pod pod, PodView view, DateTimeOffset now)
    {
        var phase = PodPhase.Compile(pod, view);
        IReadOnlyList<IPEntry> addresses = view.Address is null ? [] : [new IPEntry { Ip = view.Address }];
        return new()
        {
            Phase = phase,
            HostIP = view.HostAddress,
            HostIPs = [new IPEntry { Ip = view.HostAddress }],
            PodIP = view.Address,
            PodIPs = addresses,
            StartTime = pod.Status.StartTime ?? view.StartTime,
            QosClass = pod.Status.QosClass ?? QosClass(pod),
            Conditions = [.. PodConditions.Compile(pod, view, phase).Select(condition => Stamp(condition, pod, now))],
            InitContainerStatuses = [.. pod.Spec.InitContainers.Select(container => Status(container, view, isInit: true, pod))],
            ContainerStatuses = [.. pod.Spec.Containers.Select(container => Status(container, view, isInit: false, pod))],
        };
    }

    private static Condition Stamp(Condition condition, Pod pod, DateTimeOffset now)
    {
        var before = pod.Status.Conditions.FirstOrDefault(known => known.Type == condition.Type);
        return condition with { LastTransitionTime = before?.Status == condition.Status ? before.LastTransitionTime : now };
    }

    private static ContainerStatus Status(Container container, PodView view, bool isInit, Pod pod)
    {
        var seen = view.Of(container.Name);
        var record = seen.Record;
        var running = seen.IsRunning;
        return new()
        {
            Name = container.Name,
            Image = container.Image ?? "",
            ImageID = record is null ? "" : $"portico://{record.Image}",
            ContainerID = record is null ? null : $"portico://{record.Id}",
            RestartCount = record?.RestartCount ?? 0,
            Started = isInit ? running : running && record!.Started,
            Ready = isInit ? record?.Ended is { ExitCode: 0 } : running && seen.Ready && !view.Stopping,
            State = State(seen, isInit, pod),
            LastState = LastState(seen),
        };
    }

    private static ContainerState State(ContainerView seen, bool isInit, Pod pod)
    {
        if (seen.Record is { Ended: null } running)
        {
            return new() { Running = new() { StartedAt = running.StartedAt } };
        }

        if (seen.WaitingReason is { } reason)
        {
            return new() { Waiting = new() { Reason = reason, Message = seen.WaitingMessage } };
        }

        return seen.Record?.Ended is { } ended
            ? new() { Terminated = Terminated(ended) }
            : new() { Waiting = new() { Reason = isInit || pod.Spec.InitContainers.Count > 0 ? "PodInitializing" : "ContainerCreating" } };
    }

    // The end of the newest run is "last" as soon as another is to come.
    private static ContainerState? LastState(ContainerView seen)
    {
        var last = seen is { WaitingReason: not null, Record.Ended: { } ended } ? ended : seen.Record?.Previous;
        return last is null ? null : new() { Terminated = Terminated(last) };
    }

    private static ContainerStateTerminated Terminated(Termination ended) => new()
    {
        ExitCode = ended.ExitCode,
        Signal = ended.ExitCode > 128 && ended.Reason == "Error" ? ended.ExitCode - 128 : null,
        Reason = ended.Reason,
        Message = ended.Message,
        StartedAt = ended.StartedAt,
        FinishedAt = ended.FinishedAt,
        ContainerID = $"portico://{ended.Id}",
    };

    // As the API server computes it; here only for a server that does not.
    private static string QosClass(Pod pod)
    {
        var resources = pod.Spec.Containers.Select(container => container.Resources).ToList();
        if (resources.All(entry => entry is null || (entry.Requests.Count == 0 && entry.Limits.Count == 0)))
        {
            return "BestEffort";
        }

        return resources.All(entry => entry is not null && entry.Limits.ContainsKey("cpu") && entry.Limits.ContainsKey("memory")
            && entry.Requests.All(request => entry.Limits.TryGetValue(request.Key, out var limit) && limit == request.Value))
            ? "Guaranteed"
            : "Burstable";
    }
}
