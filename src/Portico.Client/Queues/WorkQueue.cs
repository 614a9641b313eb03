using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Portico.Client.Queues;

/// <summary>
/// Keys to reconcile. A key waits at most once, is never worked on twice at a time, and comes back with a growing delay when its work fails.
/// </summary>
public sealed partial class WorkQueue<TKey>(string name, ILogger logger, TimeProvider time)
    where TKey : notnull
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly HashSet<TKey> _waiting = [];
    private readonly HashSet<TKey> _running = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();

    public void Add(TKey key)
    {
        lock (_lock)
        {
            if (_waiting.Add(key) && !_running.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    public void AddAfter(TKey key, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        _ = AddLater();

        async Task AddLater()
        {
            try
            {
                await Task.Delay(delay, time, cancellationToken);
                Add(key);
            }
            catch (OperationCanceledException)
            {
                // The queue's owner is stopping.
            }
        }
    }

    /// <summary>Works the queue until cancelled.</summary>
    /// <param name="reconcile">Brings one key to its desired state. What it throws is logged and tried again.</param>
    public async Task RunAsync(int workers, Func<TKey, CancellationToken, Task> reconcile, CancellationToken cancellationToken)
    {
        var tasks = new Task[workers];
        for (var i = 0; i < workers; i++)
        {
            tasks[i] = WorkAsync(reconcile, cancellationToken);
        }

        await Task.WhenAll(tasks);
    }

    private async Task WorkAsync(Func<TKey, CancellationToken, Task> reconcile, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var key in _ready.Reader.ReadAllAsync(cancellationToken))
            {
                lock (_lock)
                {
                    _waiting.Remove(key);
                    _running.Add(key);
                }

                var failed = await TryAsync(key, reconcile, cancellationToken);
                Finish(key, failed, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task<bool> TryAsync(TKey key, Func<TKey, CancellationToken, Task> reconcile, CancellationToken cancellationToken)
    {
        try
        {
            await reconcile(key, cancellationToken);
            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // One key's failure must not stop the others.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(failure, name, key.ToString());
            return true;
        }
    }

    private void Finish(TKey key, bool failed, CancellationToken cancellationToken)
    {
        int failures;
        lock (_lock)
        {
            _running.Remove(key);
            if (_waiting.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }

            if (!failed)
            {
                _failures.Remove(key);
                return;
            }

            failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
        }

        var delay = FirstDelay * Math.Pow(2, Math.Min(failures - 1, 20));
        AddAfter(key, delay < LongestDelay ? delay : LongestDelay, cancellationToken);
    }

    [LoggerMessage(1010, LogLevel.Warning, "{Queue}: {Key} failed, will be tried again")]
    private partial void LogFailed(Exception failure, string queue, string? key);
}
