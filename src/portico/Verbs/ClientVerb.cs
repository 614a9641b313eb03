using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Portico.Net.Processes;
using Command = System.CommandLine.Command;

namespace Portico.Cli.Verbs;

/// <summary>Runs a program on the client host of the LAN, with this terminal, and passes its exit code on.</summary>
internal static class ClientVerb
{
    public static Command Create()
    {
        var name = ClusterVerb.NameOption();
        var words = new Argument<string[]>("command") { Description = "Program and arguments, after --", Arity = ArgumentArity.OneOrMore };
        var command = new Command("client", "Run a command on the client host of the LAN: what somebody outside the cluster sees") { name, words };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(name), parsed.GetRequiredValue(words)));
        return command;
    }

    private static async Task<int> RunAsync(string name, string[] words)
    {
        if (!Privileges.IsRoot)
        {
            return ClusterVerb.Fail("client needs root, to enter the client host's network namespace: run it with sudo");
        }

        if (ClusterVerb.FindRunning(name) is not { } home)
        {
            return 1;
        }

        // The terminal sends Ctrl-C to both of us; the program decides what it means.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("nsenter", [$"--net={home.ClientNamespace.Path}", "--", .. words]))!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        catch (Win32Exception error)
        {
            return ClusterVerb.Fail($"nsenter: {error.Message}");
        }
    }
}
