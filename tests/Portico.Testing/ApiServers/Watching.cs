using Portico.Api.Objects;
using Portico.Client.Caches;

namespace Portico.Testing.ApiServers;

/// <summary>Waits for a state that changes of a cache lead to, without asking again and again.</summary>
public static class Watching
{
    /// <summary>Completes when <paramref name="condition"/> holds, now or after a change of the cache.</summary>
    /// <exception cref="TimeoutException">The message holds the state.</exception>
    public static async Task UntilAsync<T>(
        ObjectCache<T> cache, Func<IReadOnlyCollection<T>, bool> condition, string what, Func<T, string>? show = null, double seconds = 20)
        where T : class, IObject
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check()
        {
            if (condition([.. cache.Items]))
            {
                reached.TrySetResult();
            }
        }

        void OnChanged(ObjectChange<T> change) => Check();

        cache.Changed += OnChanged;
        try
        {
            Check();
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(seconds));
        }
        catch (TimeoutException)
        {
            var state = string.Join("\n  ", cache.Items.Select(item => show?.Invoke(item) ?? item.Metadata.Name));
            throw new TimeoutException($"waited {seconds} s for {what}; there is:\n  {state}");
        }
        finally
        {
            cache.Changed -= OnChanged;
        }
    }
}
