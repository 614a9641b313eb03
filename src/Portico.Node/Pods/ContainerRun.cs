using Portico.Api.Objects;

namespace Portico.Node.Pods;

/// <summary>What a pod's worker keeps of one container beside its record. Only the worker's own loop changes it.</summary>
internal sealed class ContainerRun
{
    public required Container Container { get; set; }

    public required bool IsInit { get; init; }

    public string? WaitingReason { get; private set; }

    public string? WaitingMessage { get; private set; }

    /// <summary>Not started before.</summary>
    public DateTimeOffset NotBefore { get; set; }

    public bool Ready { get; set; }

    /// <summary>The newest run is followed: its end will be noticed.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Completes with the exit code of the newest run.</summary>
    public Task<int> Exit { get; set; } = Task.FromResult(0);

    /// <summary>Probes, hooks and stop of the newest run; ended together with it.</summary>
    public List<Task> Background { get; } = [];

    /// <summary>Ends the probes and the postStart hook.</summary>
    public CancellationTokenSource? Life { get; set; }

    /// <summary>It was asked to end.</summary>
    public bool IsStopping { get; set; }

    /// <returns>True when this is new, which is worth an event.</returns>
    public bool Wait(string reason, string? message)
    {
        var isNew = WaitingReason != reason || WaitingMessage != message;
        (WaitingReason, WaitingMessage) = (reason, message);
        return isNew;
    }

    public void StopWaiting() => (WaitingReason, WaitingMessage) = (null, null);
}
