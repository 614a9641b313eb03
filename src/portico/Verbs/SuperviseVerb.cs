using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Portico.Cli.Clusters;
using Portico.Cli.Output;
using Portico.Cli.Supervision;

namespace Portico.Cli.Verbs;

/// <summary>What <c>up --detach</c> leaves behind: the supervisor alone.</summary>
internal static class SuperviseVerb
{
    public static Command Create()
    {
        var name = ClusterVerb.NameOption();
        var command = new Command("supervise", "Hold a cluster up (started by up --detach)") { name };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(ClusterHome.Of(parsed.GetRequiredValue(name))));
        return command;
    }

    private static async Task<int> RunAsync(ClusterHome home)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        using var loggers = Logging.Create(LogLevel.Warning);
        using var memory = new RestingMemory(TimeProvider.System);
        try
        {
            var spec = ClusterSpec.Load(home) ?? throw new IOException($"{home.SpecFile} is missing");
            await new Supervisor(home, spec, loggers, TimeProvider.System).RunAsync(_ => { }, (_, _) => Task.CompletedTask, stop.Token);
            return 0;
        }
        catch (IOException error)
        {
            return ClusterVerb.Fail(error.Message);
        }
    }
}
