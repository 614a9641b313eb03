using Microsoft.Extensions.Logging;

namespace Portico.Client.Loops;

/// <summary>Runs a piece of work for the life of its owner: restarts it at once when it ends, after a back-off when it fails.</summary>
public static partial class BackgroundLoop
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    /// <summary>Returns when cancelled; never throws.</summary>
    public static async Task RunAsync(
        string name, Func<CancellationToken, Task> work, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            try
            {
                await work(cancellationToken);
                delay = FirstDelay;
                continue;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop outlives whatever its work throws; that is its purpose.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                delay = time.GetElapsedTime(started) > LongestDelay ? FirstDelay : delay;
                LogFailed(logger, failure, name, delay.TotalMilliseconds);
            }

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

    [LoggerMessage(1000, LogLevel.Warning, "{Name} failed, again in {Delay} ms")]
    private static partial void LogFailed(ILogger logger, Exception failure, string name, double delay);
}
