using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Portico.Net.Processes;

namespace Portico.Cli.Supervision;

/// <summary>One role's process: started again when it ends, sooner the longer it had run, until we are asked to stop.</summary>
public sealed partial class SupervisedProcess(string name, IReadOnlyList<string> command, string runDirectory, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(15);

    // A process that ran this long is no crash loop.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for a role to leave by itself after SIGTERM.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    public string LogFile => Path.Combine(runDirectory, name + ".log");

    /// <summary>Runs until cancelled; then the process has ended.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            using var process = Start();
            PidFile.Write(Path.Combine(runDirectory, name + ".pid"), process.Id);
            LogStarted(name, process.Id);
            try
            {
                await process.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                await StopAsync(process);
                return;
            }

            delay = time.GetElapsedTime(started) > Settled ? FirstDelay : delay;
            LogEnded(name, process.ExitCode, delay.TotalMilliseconds, LogFile);
            try
            {
                await Task.Delay(delay, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    private Process Start()
    {
        // setsid: Ctrl-C in the terminal is the supervisor's to handle. The shell only redirects, then becomes the program: the pid stays.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", LogFile, .. command]);
        return Process.Start(start)!;
    }

    private async Task StopAsync(Process process)
    {
        ProcessSignals.Terminate(process.Id);
        using var limit = new CancellationTokenSource(StopGrace, time);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            LogKilled(name, StopGrace.TotalSeconds);
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    [LoggerMessage(8001, LogLevel.Debug, "{Name} started, pid {Pid}")]
    private partial void LogStarted(string name, int pid);

    [LoggerMessage(8002, LogLevel.Warning, "{Name} ended with exit code {ExitCode}; it is started again in {Delay} ms. Its log: {LogFile}")]
    private partial void LogEnded(string name, int exitCode, double delay, string logFile);

    [LoggerMessage(8003, LogLevel.Warning, "{Name} did not stop within {Seconds} s and was killed")]
    private partial void LogKilled(string name, double seconds);
}
