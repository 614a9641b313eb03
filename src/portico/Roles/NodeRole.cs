using System.CommandLine;
using Microsoft.Extensions.Logging;
using Portico.Cli.Output;
using Portico.Cli.Verbs;
using Portico.Proxy.Configuration;

namespace Portico.Cli.Roles;

/// <summary>The service proxy of one node of any cluster, in the place of kube-proxy and with its command line.</summary>
internal static class NodeRole
{
    // From this verbosity on, klog shows what here is level Debug.
    private const int DebugVerbosity = 4;

    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "KubeProxyConfiguration file; it decides over most other options", HelpName = "FILE" };
        var write = new Option<string?>("--write-config-to") { Description = "Write the configuration in effect to this file, and end", HelpName = "FILE" };
        var cleanup = new Option<bool>("--cleanup") { Description = "Remove everything that a service proxy left in the kernel, and end" };
        var initialize = new Option<bool>("--init-only") { Description = "Do what needs full rights (connection tracking limits), and end" };
        var master = new Option<string?>("--master") { Description = "URL of the API server, over the kubeconfig's", HelpName = "URL" };
        var fields = ConfigurationFields.All.Where(static field => field.Flag is not null).DistinctBy(static field => field.Flag).ToList();
        List<Option<string?>> flags = [.. fields.Select(OptionOf), .. fields.Where(static field => field.PortFlag is not null).Select(PortOptionOf)];
        var command = new Command("node", "Service proxy of this node, in the place of kube-proxy: same flags, same configuration file")
        {
            config, write, cleanup, initialize, master, LocalNodeRole.Create(),
        };
        flags.ForEach(command.Add);
        command.SetAction((parsed, _) => RunAsync(new()
        {
            ConfigFile = parsed.GetValue(config),
            WriteConfigTo = parsed.GetValue(write),
            Cleanup = parsed.GetValue(cleanup),
            InitOnly = parsed.GetValue(initialize),
            Master = parsed.GetValue(master),
            Flags = flags.Where(flag => parsed.GetResult(flag) is not null).ToDictionary(NameOf, flag => parsed.GetValue(flag) ?? "true"),
        }));
        return command;
    }

    private static Option<string?> OptionOf(ConfigurationField field)
    {
        var description = field.Help ?? "Accepted; without effect in Portico";
        var names = field.Flag!.Length == 1 ? new[] { $"-{field.Flag}" } : [];
        return new($"--{field.Flag}", names)
        {
            Description = description,
            Hidden = field.WithoutEffect,
            HelpName = "VALUE",
            // As in kube-proxy, a switch needs no value.
            Arity = field.IsBoolean ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
        };
    }

    private static Option<string?> PortOptionOf(ConfigurationField field) =>
        new($"--{field.PortFlag}") { Description = $"Deprecated: use --{field.Flag}", Hidden = true, HelpName = "PORT", Arity = ArgumentArity.ExactlyOne };

    private static string NameOf(Option option) => option.Name.TrimStart('-');

    private static async Task<int> RunAsync(NodeOptions options)
    {
        using var process = new RoleProcess();
        var warnings = new List<string>();
        try
        {
            var configuration = ConfigurationReader.Read(options.ConfigFile, options.Flags, warnings);
            if (options.WriteConfigTo is { } path)
            {
                await File.WriteAllTextAsync(path, configuration.ToYaml(), process.Token);
                return 0;
            }

            using var loggers = Logging.Create(configuration.Verbosity >= DebugVerbosity ? LogLevel.Debug : LogLevel.Information);
            var proxy = new NodeProxy(configuration, options, loggers, TimeProvider.System);
            proxy.Warn(warnings);
            if (options.Cleanup)
            {
                await proxy.CleanupAsync(process.Token);
                return 0;
            }

            proxy.Prepare();
            return options.InitOnly ? 0 : await proxy.RunAsync(process.Token);
        }
        catch (OperationCanceledException) when (process.Token.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception problem) when (problem is InvalidDataException or InvalidOperationException or IOException or UnauthorizedAccessException or UriFormatException)
        {
            return ClusterVerb.Fail($"node: {problem.Message}");
        }
    }
}
