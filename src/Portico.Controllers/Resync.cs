using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Queues;

namespace Portico.Controllers;

/// <summary>Puts every object of a kind into a queue, now and every <see cref="ControllerOptions.ResyncPeriod"/>.</summary>
internal static class Resync
{
    public static async Task RunAsync<T>(ControlContext context, ObjectCache<T> cache, WorkQueue<ObjectKey> queue, CancellationToken cancellationToken)
        where T : class, IObject
    {
        using var timer = new PeriodicTimer(context.Options.ResyncPeriod, context.Time);
        try
        {
            do
            {
                foreach (var key in cache.Snapshot.Keys)
                {
                    queue.Add(key);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }
}
