using System.Text;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Clusters;

internal static class UpOrExplain
{
    private const int LogLines = 30;

    /// <summary>Starts a cluster; when it does not come up, it is removed and the exception holds the ends of its logs.</summary>
    public static async Task<CommandResult> UpAsync(LocalCluster cluster, CancellationToken cancellationToken)
    {
        CommandResult up;
        try
        {
            up = await cluster.UpAsync([], cancellationToken);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }

        if (up.ExitCode == 0)
        {
            return up;
        }

        var logs = Logs(cluster);
        await cluster.DisposeAsync();
        throw new InvalidOperationException($"portico up ended with {up.ExitCode}:\n{up.Output}{up.Error}\n{logs}");
    }

    private static string Logs(LocalCluster cluster)
    {
        var text = new StringBuilder();
        if (Directory.Exists(cluster.Root))
        {
            foreach (var log in Directory.EnumerateFiles(cluster.Root, "*.log", SearchOption.AllDirectories))
            {
                text.AppendLine($"-- {log}").AppendJoin('\n', File.ReadLines(log).TakeLast(LogLines)).AppendLine();
            }
        }

        return text.ToString();
    }
}
