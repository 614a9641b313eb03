using Microsoft.Extensions.Logging;
using Portico.Client.Loops;

namespace Portico.Addresses.Vrrp;

/// <summary>Background loops, one for each key that is wanted.</summary>
internal sealed class RunningLoops<TKey>(Func<TKey, string> name, Func<TKey, CancellationToken, Task> work, ILogger logger, TimeProvider time)
    where TKey : notnull
{
    private readonly Dictionary<TKey, (CancellationTokenSource Stop, Task Running)> _loops = [];

    /// <summary>Starts what is missing and ends what is wanted no longer. One caller at a time.</summary>
    public async Task SetAsync(IReadOnlySet<TKey> wanted)
    {
        foreach (var key in wanted.Where(key => !_loops.ContainsKey(key)))
        {
            var stop = new CancellationTokenSource();
            _loops[key] = (stop, BackgroundLoop.RunAsync(name(key), token => work(key, token), logger, time, stop.Token));
        }

        var ended = _loops.Where(loop => !wanted.Contains(loop.Key)).ToList();
        foreach (var (_, loop) in ended)
        {
            await loop.Stop.CancelAsync();
        }

        foreach (var (key, loop) in ended)
        {
            await loop.Running;
            loop.Stop.Dispose();
            _loops.Remove(key);
        }
    }
}
