using Portico.Api.Objects;
using Portico.Node.Records;

namespace Portico.Node.Pods;

/// <summary>Records of containers that ran before the node lost its state, from the pod's status: they ended, nobody knows how.</summary>
internal static class RememberedContainers
{
    private const int Unknown = 137; // as upstream's ContainerStatusUnknown

    /// <summary>Init containers are not among them: in a new network they run again.</summary>
    public static IReadOnlyList<ContainerRecord> Compile(Pod pod, DateTimeOffset now) =>
    [
        .. pod.Status.ContainerStatuses.Where(status => status.ContainerID is { Length: > 0 }).Select(status =>
        {
            var id = status.ContainerID!.Replace("portico://", "", StringComparison.Ordinal);
            var known = status.State?.Terminated ?? (status.State?.Waiting is null ? null : status.LastState?.Terminated);
            var started = known?.StartedAt ?? status.State?.Running?.StartedAt ?? now;
            return new ContainerRecord
            {
                Name = status.Name,
                Id = id,
                Image = status.Image,
                RestartCount = status.RestartCount,
                StartedAt = started,
                Ended = new()
                {
                    Id = id,
                    ExitCode = known?.ExitCode ?? Unknown,
                    Reason = known?.Reason ?? "ContainerStatusUnknown",
                    Message = known is null ? "The container could not be located when the node was restarted" : known.Message,
                    StartedAt = started,
                    FinishedAt = known?.FinishedAt ?? now,
                },
            };
        }),
    ];
}
