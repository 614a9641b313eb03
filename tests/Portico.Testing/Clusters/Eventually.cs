using System.Diagnostics;

namespace Portico.Testing.Clusters;

/// <summary>Waits for what a running cluster will come to by itself.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer is good.</summary>
    /// <param name="what">Completes "waited N s for …".</param>
    /// <param name="ask">Exceptions of the network count as a bad answer.</param>
    /// <returns>The first good answer.</returns>
    /// <exception cref="TimeoutException">The message holds the last answer.</exception>
    public static async Task<T> GetAsync<T>(
        string what, TimeSpan limit, Func<CancellationToken, Task<T>> ask, Func<T, bool> good, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        object? last = null;
        while (true)
        {
            try
            {
                var answer = await ask(cancellationToken);
                if (good(answer))
                {
                    return answer;
                }

                last = answer;
            }
            catch (Exception error) when (error is IOException or HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                last = error.Message;
            }

            if (clock.Elapsed > limit)
            {
                throw new TimeoutException($"waited {limit.TotalSeconds} s for {what}; the last answer was: {last ?? "nothing"}");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    public static Task TrueAsync(string what, TimeSpan limit, Func<CancellationToken, Task<bool>> ask, CancellationToken cancellationToken) =>
        GetAsync(what, limit, ask, static good => good, cancellationToken);
}
