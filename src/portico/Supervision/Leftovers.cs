using Portico.Cli.Clusters;
using Portico.Net.Namespaces;
using Portico.Node.Agents;

namespace Portico.Cli.Supervision;

/// <summary>Removes everything of a cluster that is no longer supervised: processes, namespaces, run files. Safe to repeat.</summary>
public static class Leftovers
{
    public static async Task RemoveAsync(ClusterHome home, CancellationToken cancellationToken)
    {
        // Roles before pods: an agent would start its pods again.
        foreach (var file in Files(home.Run, "*.pid"))
        {
            if (PidFile.Read(file) is { } process && process.Pid != Environment.ProcessId)
            {
                process.Kill();
            }
        }

        for (var node = 1; Directory.Exists(home.NodeRun(node)); node++)
        {
            await NodeCleanup.RunAsync(home.Name, home.NodeRun(node), cancellationToken);
        }

        foreach (var leftover in NetworkNamespace.List(home.NamespacePrefix))
        {
            leftover.Delete();
        }

        if (Directory.Exists(home.Run))
        {
            Directory.Delete(home.Run, recursive: true);
        }
    }

    private static IEnumerable<string> Files(string directory, string pattern) =>
        Directory.Exists(directory) ? Directory.EnumerateFiles(directory, pattern) : [];
}
