using Portico.Api.Objects;

namespace Portico.Node.Pods;

/// <summary>The phase of a pod (upstream: getPhase of the kubelet).</summary>
internal static class PodPhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    public static string Compile(Pod pod, PodView view)
    {
        // A pod that is deleted is not started again, so how it ended is how it ends. One whose node leaves comes back with the node.
        var policy = view.Deleted ? "Never" : pod.Spec.RestartPolicy ?? "Always";
        foreach (var init in pod.Spec.InitContainers)
        {
            switch (view.Of(init.Name).Record?.Ended)
            {
                case { ExitCode: 0 }:
                    continue;
                case not null when policy == "Never":
                    return Failed;
                default:
                    return Pending;
            }
        }

        int running = 0, waiting = 0, stopped = 0, succeeded = 0;
        foreach (var container in pod.Spec.Containers)
        {
            var seen = view.Of(container.Name);
            if (seen.IsRunning)
            {
                running++;
            }
            else if (seen.Record?.Ended is { } ended)
            {
                stopped++;
                succeeded += ended.ExitCode == 0 ? 1 : 0;
            }
            else
            {
                waiting++;
            }
        }

        return (waiting, running, stopped) switch
        {
            ( > 0, _, _) => view.Deleted && running == 0 ? Failed : Pending,
            (_, > 0, _) => Running,
            _ when policy == "Always" => Running,
            _ when stopped == succeeded => Succeeded,
            _ => policy == "Never" ? Failed : Running,
        };
    }

    public static bool IsTerminal(string? phase) => phase is Succeeded or Failed;
}
