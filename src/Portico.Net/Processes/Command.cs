using System.Diagnostics;
using Portico.Net.Namespaces;

namespace Portico.Net.Processes;

/// <summary>Runs a program of the system to its end, with bounded time.</summary>
public static class Command
{
    private const int NoSuchFile = 2; // ENOENT
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>As the other overload, with 30 s.</summary>
    public static Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken) =>
        RunAsync(program, arguments, input, Timeout, cancellationToken);

    /// <summary>As <see cref="RunAsync(string, IReadOnlyList{string}, string?, CancellationToken)"/>, inside <paramref name="network"/>; null: where this process is.</summary>
    public static Task<CommandResult> RunInAsync(
        NetworkNamespace? network, string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken) =>
        RunAsync(network, program, arguments, input, Timeout, cancellationToken);

    /// <param name="input">Written to the program's standard input; null: none.</param>
    /// <returns>Exit code and both outputs.</returns>
    /// <exception cref="FileNotFoundException">There is no such program.</exception>
    /// <exception cref="IOException">The program could not be started, or did not end in time and was killed.</exception>
    public static async Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, string? input, TimeSpan timeout, CancellationToken cancellationToken) =>
        await RunAsync(null, program, arguments, input, timeout, cancellationToken);

    private static async Task<CommandResult> RunAsync(
        NetworkNamespace? network, string program, IReadOnlyList<string> arguments, string? input, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A child belongs to the namespaces of the thread that starts it.
        using var process = network is null ? Start(start) : network.Run(() => Start(start));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            if (input is not null)
            {
                await WriteAsync(process, input, limit.Token);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException($"{program} {string.Join(' ', arguments)}: did not end within {timeout.TotalSeconds} s and was killed");
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing) when (missing.NativeErrorCode == NoSuchFile)
        {
            throw new FileNotFoundException($"{start.FileName} is not installed", start.FileName, missing);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new IOException($"{start.FileName}: {error.Message}", error);
        }
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        }
        catch (IOException)
        {
            // The program ended without reading everything; its exit code and stderr say why.
        }
    }
}
