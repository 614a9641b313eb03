using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Portico.Cli.Clusters;
using Portico.Cli.Manifests;
using Portico.Cli.Output;
using Portico.Cli.Preflight;
using Portico.Cli.Views;
using Portico.Cli.Supervision;
using Portico.Client.Connections;
using Portico.Client.Requests;
using Portico.Net.Processes;
using Command = System.CommandLine.Command;

namespace Portico.Cli.Verbs;

internal static class UpVerb
{
    public static Command Create()
    {
        var manifests = new Argument<string[]>("manifests") { Description = "YAML files or directories to apply", Arity = ArgumentArity.ZeroOrMore };
        var name = ClusterVerb.NameOption();
        var detach = new Option<bool>("--detach", "-d") { Description = "Return when everything is ready and reachable" };
        var nodes = new Option<int?>("--nodes") { Description = "Number of nodes (2)", HelpName = "N" };
        var data = new Option<string?>("--data") { Description = "Directory of the store", HelpName = "DIR" };
        var mode = new Option<string?>("--proxy-mode") { Description = "Service proxy: nftables (default), iptables or userspace", HelpName = "MODE" };
        var http = new Option<int?>("--http-port") { Description = "Port on 127.0.0.1 that leads to the gateway's HTTP (8080; 0 picks a free one)", HelpName = "PORT" };
        var https = new Option<int?>("--https-port") { Description = "The same for HTTPS (8443)", HelpName = "PORT" };
        var api = new Option<int?>("--api-port") { Description = "Port of the API server on 127.0.0.1 (6443)", HelpName = "PORT" };
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait until everything is ready", HelpName = "SECONDS", DefaultValueFactory = _ => 120 };
        var command = new Command("up", "Start a cluster on this machine, apply manifests and expose what they ask for")
        {
            manifests, name, detach, nodes, data, mode, http, https, api, timeout,
        };
        command.SetAction((parsed, _) => RunAsync(new()
        {
            Name = parsed.GetRequiredValue(name),
            Manifests = parsed.GetValue(manifests) ?? [],
            Detach = parsed.GetValue(detach),
            Nodes = parsed.GetValue(nodes),
            Data = parsed.GetValue(data),
            ProxyMode = parsed.GetValue(mode),
            HttpPort = parsed.GetValue(http),
            HttpsPort = parsed.GetValue(https),
            ApiPort = parsed.GetValue(api),
            Timeout = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
        }));
        return command;
    }

    private static async Task<int> RunAsync(UpOptions options)
    {
        if (!Privileges.IsRoot)
        {
            return ClusterVerb.Fail("up needs root, to make network namespaces: run it with sudo");
        }

        if (ClusterVerb.Find(options.Name) is not { } home)
        {
            return 1;
        }

        var (manifests, problems) = ManifestFiles.Load(options.Manifests);
        if (problems.Count > 0)
        {
            return ClusterVerb.Fail(string.Join("\nportico: ", problems) + "\nportico: nothing was started or applied");
        }

        if (ClusterLock.Holder(home) is { } holder)
        {
            return ClusterVerb.Fail($"a cluster named {home.Name} is already running (pid {holder.Pid}, {holder.Root}): stop it with portico down --name {home.Name}, or give this one another --name");
        }

        var (spec, wrong) = UpSpec.Resolve(home, options);
        if (spec is null)
        {
            return ClusterVerb.Fail(wrong!);
        }

        using var interrupted = new CancellationTokenSource();
        using var interrupt = OnSignal(PosixSignal.SIGINT, interrupted);
        using var terminate = OnSignal(PosixSignal.SIGTERM, interrupted);
        using var hangup = OnSignal(PosixSignal.SIGHUP, interrupted);
        var steps = StepPrinter.ForConsole();
        try
        {
            if (await SystemTools.EnsureAsync(spec.ProxyMode, steps.Say, interrupted.Token) is { } missing)
            {
                return ClusterVerb.Fail(missing);
            }

            spec.Save(home);
            return options.Detach
                ? await DetachAsync(home, spec, manifests, options.Timeout, steps, interrupted.Token)
                : await ForegroundAsync(home, spec, manifests, options.Timeout, steps, interrupted.Token);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return 130; // 128 + SIGINT, as shells say it
        }
        catch (IOException error)
        {
            return ClusterVerb.Fail(error.Message);
        }
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });

    private static async Task<int> ForegroundAsync(
        ClusterHome home, ClusterSpec spec, IReadOnlyList<Manifest> manifests, TimeSpan limit, StepPrinter steps, CancellationToken cancellationToken)
    {
        using var loggers = Logging.Create(LogLevel.Warning);
        using var memory = new RestingMemory(TimeProvider.System);
        var supervisor = new Supervisor(home, spec, loggers, TimeProvider.System);
        await supervisor.RunAsync(steps.Done, StartedAsync, cancellationToken);
        steps.Done("stopped, everything is removed; the data is kept");
        return 0;

        async Task StartedAsync(KubernetesClient client, CancellationToken token)
        {
            await FinishAsync(home, spec, client, manifests, limit, steps, token);
            Console.WriteLine("\nCtrl-C stops the cluster.");
        }
    }

    private static async Task<int> DetachAsync(
        ClusterHome home, ClusterSpec spec, IReadOnlyList<Manifest> manifests, TimeSpan limit, StepPrinter steps, CancellationToken cancellationToken)
    {
        File.Delete(home.SupervisorLog);
        using var supervisor = Process.Start(new ProcessStartInfo(
            "setsid", ["sh", "-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", home.SupervisorLog, Environment.ProcessPath!, "supervise", "--name", home.Name]))!;
        try
        {
            while (PidFile.Read(home.SupervisorPid)?.Pid != supervisor.Id)
            {
                if (supervisor.HasExited)
                {
                    return ClusterVerb.Fail(SupervisorWords(home));
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            }

            using var connection = new KubernetesConnection(Kubeconfig.Load(home.Kubeconfig));
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var finish = FinishAsync(home, spec, new(connection), manifests, limit, steps, ended.Token);
            if (await Task.WhenAny(finish, supervisor.WaitForExitAsync(ended.Token)) != finish)
            {
                await ended.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
                return ClusterVerb.Fail(SupervisorWords(home));
            }

            return await finish;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            ProcessSignals.Terminate(supervisor.Id);
            await supervisor.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    private static string SupervisorWords(ClusterHome home) =>
        File.Exists(home.SupervisorLog) && File.ReadAllText(home.SupervisorLog).Trim() is { Length: > 0 } words
            ? words.Replace("portico: ", "", StringComparison.Ordinal)
            : $"the supervisor ended; its log: {home.SupervisorLog}";

    private static async Task<int> FinishAsync(
        ClusterHome home, ClusterSpec spec, KubernetesClient client, IReadOnlyList<Manifest> manifests, TimeSpan limit, StepPrinter steps, CancellationToken cancellationToken)
    {
        var problems = await new BringUp(home, spec, client, steps, TimeProvider.System).RunAsync(manifests, limit, cancellationToken);
        foreach (var problem in problems)
        {
            Console.Error.WriteLine($"portico: {problem}");
        }

        if (problems.Count > 0)
        {
            Console.Error.WriteLine($"portico: not everything is ready; the cluster keeps running: portico status --name {home.Name}");
            return 1;
        }

        steps.Done("everything is ready and reachable");
        Console.WriteLine();
        (await ClusterView.ReadAsync(home, spec, client, cancellationToken)).PrintUrls(Console.Out);
        return 0;
    }
}
