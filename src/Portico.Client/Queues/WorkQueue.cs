using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portico.Api.Statuses;
using Portico.Client.Requests;

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
    private readonly Dictionary<TKey, (DateTimeOffset Due, ITimer Timer)> _delayed = [];
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private bool _stopped;

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

    /// <summary>Adds the key later. Of several pending delays of one key only the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        var due = time.GetUtcNow() + delay;
        lock (_lock)
        {
            if (_stopped || (_delayed.TryGetValue(key, out var pending) && pending.Due <= due))
            {
                return;
            }

            pending.Timer?.Dispose();
            _delayed[key] = (due, time.CreateTimer(Ripen, (key, due), delay, Timeout.InfiniteTimeSpan));
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

        try
        {
            await Task.WhenAll(tasks);
        }
        finally
        {
            Stop();
        }
    }

    private void Ripen(object? state)
    {
        var (key, due) = ((TKey, DateTimeOffset))state!;
        lock (_lock)
        {
            if (!_delayed.TryGetValue(key, out var pending) || pending.Due != due)
            {
                return;
            }

            pending.Timer.Dispose();
            _delayed.Remove(key);
        }

        Add(key);
    }

    private void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            foreach (var (_, timer) in _delayed.Values)
            {
                timer.Dispose();
            }

            _delayed.Clear();
        }
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
                Finish(key, failed);
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
        catch (KubernetesException refused) when (refused.Status is { Reason: StatusReasons.Conflict })
        {
            // Somebody else wrote first; what was seen is old, and the new state is on its way.
            LogConflict(name, key.ToString(), refused.Message);
            return true;
        }
#pragma warning disable CA1031 // One key's failure must not stop the others.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(failure, name, key.ToString());
            return true;
        }
    }

    private void Finish(TKey key, bool failed)
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
        AddAfter(key, delay < LongestDelay ? delay : LongestDelay);
    }

    [LoggerMessage(1010, LogLevel.Warning, "{Queue}: {Key} failed, will be tried again")]
    private partial void LogFailed(Exception failure, string queue, string? key);

    [LoggerMessage(1011, LogLevel.Debug, "{Queue}: {Key} met a conflict, will be tried again: {Message}")]
    private partial void LogConflict(string queue, string? key, string message);
}
