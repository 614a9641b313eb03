using Microsoft.Extensions.Logging;
using Portico.Cli.Output;
using Portico.Cli.Verbs;
using Portico.Client.Connections;
using Portico.Gateway;

namespace Portico.Cli.Roles;

/// <summary>Image <c>portico.dev/gateway:1</c>: the L7 gateway, with the credentials of its pod.</summary>
internal static class GatewayRole
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length > 0)
        {
            return ClusterVerb.Fail($"gateway {string.Join(' ', args)}: it takes no arguments; what it serves comes from the Kubernetes API");
        }

        using var process = new RoleProcess();
        using var loggers = Logging.Create(LogLevel.Information);
        using var connection = new KubernetesConnection(InCluster.Load());
        var options = new GatewayOptions { PublishService = "portico-system/gateway", Identity = Environment.MachineName };
        var server = new GatewayServer(new(connection), options, loggers, TimeProvider.System);
        await server.RunAsync(process.Token);
        return 0;
    }
}
