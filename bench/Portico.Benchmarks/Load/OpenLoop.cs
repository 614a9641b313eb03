using System.Diagnostics;

namespace Portico.Benchmarks.Load;

/// <summary>Sends requests at a fixed rate, whether or not earlier ones were answered.</summary>
internal sealed class OpenLoop(HttpMessageInvoker http, Uri url, string host, double requestsPerSecond)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _clock = new();
    private readonly List<Task<Attempt>> _attempts = [];

    /// <summary>Since <see cref="RunAsync"/> began.</summary>
    public TimeSpan Now => _clock.Elapsed;

    /// <param name="stop">Sends no more; what is under way is still waited for.</param>
    public async Task<IReadOnlyList<Attempt>> RunAsync(CancellationToken stop)
    {
        _clock.Start();
        while (!stop.IsCancellationRequested)
        {
            while (_attempts.Count / requestsPerSecond is var due && due <= _clock.Elapsed.TotalSeconds)
            {
                _attempts.Add(SendAsync(TimeSpan.FromSeconds(due)));
            }

            await Task.Delay(1, CancellationToken.None);
        }

        return await Task.WhenAll(_attempts);
    }

    private async Task<Attempt> SendAsync(TimeSpan due)
    {
        // Off the sender's thread: making a connection must not delay the next request.
        await Task.Yield();
        using var limit = new CancellationTokenSource(AnswerLimit);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Host = host;
            using var response = await http.SendAsync(request, limit.Token);
            await response.Content.CopyToAsync(Stream.Null, limit.Token);
            var pod = response.Headers.TryGetValues("X-Echo-Pod", out var pods) ? pods.First() : null;
            return new(due, _clock.Elapsed, (int)response.StatusCode, pod, null);
        }
#pragma warning disable CA1031 // Whatever it is, this request had no good answer, and that is what is counted.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new(due, _clock.Elapsed, 0, null, (error.InnerException ?? error).Message);
        }
    }
}
