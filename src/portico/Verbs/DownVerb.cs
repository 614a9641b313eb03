using System.CommandLine;
using Portico.Cli.Clusters;
using Portico.Cli.Supervision;
using Portico.Net.Processes;
using Command = System.CommandLine.Command;

namespace Portico.Cli.Verbs;

internal static class DownVerb
{
    // The supervisor gives its roles their grace, and they give it to the pods.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var name = ClusterVerb.NameOption();
        var purge = new Option<bool>("--purge") { Description = "Remove its data, keys and kubeconfig as well" };
        var command = new Command("down", "Stop a cluster and remove everything that it made; its data is kept") { name, purge };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(name), parsed.GetValue(purge), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string name, bool purge, CancellationToken cancellationToken)
    {
        if (!Privileges.IsRoot)
        {
            return ClusterVerb.Fail("down needs root, to remove network namespaces: run it with sudo");
        }

        if (ClusterVerb.Find(name) is not { } home)
        {
            return 1;
        }

        if (ClusterLock.Holder(home) is { } holder)
        {
            if (holder.Root != home.Root)
            {
                return ClusterVerb.Fail($"cluster {name} belongs to {holder.Root}: set PORTICO_HOME to {Path.GetDirectoryName(holder.Root)}");
            }

            ProcessSignals.Terminate(holder.Pid);
            if (!await WaitForEndAsync(home, cancellationToken))
            {
                return ClusterVerb.Fail($"the supervisor of {name} (pid {holder.Pid}) did not stop within {Longest.TotalSeconds} s; its log: {home.SupervisorLog}");
            }
        }
        else if (!Directory.Exists(home.Root))
        {
            return ClusterVerb.Fail($"there is no cluster {name} in {Path.GetDirectoryName(home.Root)}");
        }

        await Leftovers.RemoveAsync(home, cancellationToken);
        if (purge)
        {
            Purge(home);
        }

        Console.WriteLine(purge ? $"cluster {name} is stopped and removed" : $"cluster {name} is stopped; its data is kept in {home.Root}");
        return 0;
    }

    private static void Purge(ClusterHome home)
    {
        var data = ClusterSpec.Load(home)?.Data;
        if (data is not null && data != home.DefaultData)
        {
            // A directory that the user named may hold other things: only the store goes.
            foreach (var file in Directory.Exists(data) ? Directory.EnumerateFiles(data, "store.db*") : [])
            {
                File.Delete(file);
            }
        }

        Directory.Delete(home.Root, recursive: true);
    }

    private static async Task<bool> WaitForEndAsync(ClusterHome home, CancellationToken cancellationToken)
    {
        var end = TimeProvider.System.GetTimestamp();
        while (ClusterLock.Holder(home) is not null)
        {
            if (TimeProvider.System.GetElapsedTime(end) > Longest)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        return true;
    }
}
