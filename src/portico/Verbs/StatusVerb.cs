using System.CommandLine;
using Portico.Cli.Clusters;
using Portico.Cli.Views;
using Portico.Client.Connections;
using Portico.Client.Requests;

namespace Portico.Cli.Verbs;

internal static class StatusVerb
{
    public static Command Create()
    {
        var name = ClusterVerb.NameOption();
        var command = new Command("status", "Show services, routes, addresses, nodes, pods, and the URLs that work from this machine") { name };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(name), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string name, CancellationToken cancellationToken)
    {
        if (ClusterVerb.FindRunning(name) is not { } home)
        {
            return 1;
        }

        try
        {
            using var connection = new KubernetesConnection(Kubeconfig.Load(home.Kubeconfig));
            var spec = ClusterSpec.Load(home)!;
            (await ClusterView.ReadAsync(home, spec, new(connection), cancellationToken)).Print(Console.Out);
            return 0;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or UnauthorizedAccessException or KubernetesException)
        {
            return ClusterVerb.Fail($"cluster {name}: {error.Message}; logs are in {home.Run}");
        }
    }
}
