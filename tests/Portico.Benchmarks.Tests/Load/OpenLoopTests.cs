using System.Net;
using Portico.Benchmarks.Load;

namespace Portico.Benchmarks.Tests.Load;

public sealed class OpenLoopTests
{
    private const double Rate = 200;
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(600);

    [Fact]
    public async Task Run_ServerStalls_KeepsSendingAndCountsTheWait()
    {
        var release = new TaskCompletionSource();
        var attempts = await RunAsync(async _ =>
        {
            await release.Task;
            return new HttpResponseMessage(HttpStatusCode.OK);
        }, release.SetResult);

        // All that were due were sent although none was answered, and the first waited longest.
        Assert.InRange(attempts.Count, Rate * Time.TotalSeconds * 0.9, Rate * 30);
        Assert.All(attempts, static attempt => Assert.True(attempt.Succeeded));
        Assert.True(attempts[0].Latency >= Time * 0.9, $"{attempts[0]}");
        Assert.True(attempts[^1].Latency < attempts[0].Latency, $"{attempts[^1]}");
    }

    [Fact]
    public async Task Run_RequestsAreDueAtTheRate()
    {
        var attempts = await RunAsync(static _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)), static () => { });

        Assert.Equal([.. Enumerable.Range(0, attempts.Count).Select(static number => TimeSpan.FromSeconds(number / Rate))], attempts.Select(static attempt => attempt.Due));
    }

    [Fact]
    public async Task Run_EveryOtherEndIsAFailure()
    {
        var number = 0;
        var attempts = await RunAsync(
            _ => (Interlocked.Increment(ref number) % 3) switch
            {
                0 => Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadGateway)),
                1 => Task.FromException<HttpResponseMessage>(new HttpRequestException("refused")),
                _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Headers = { { "X-Echo-Pod", "web-1" } } }),
            },
            static () => { });

        Assert.Equal(attempts.Count, attempts.Count(static attempt => attempt is { Status: 502 } or { Error: "refused" } or { Succeeded: true, Pod: "web-1" }));
        Assert.InRange(attempts.Count(static attempt => attempt.Status == 502), attempts.Count / 4, attempts.Count / 2);
        Assert.InRange(attempts.Count(static attempt => attempt.Error is not null), attempts.Count / 4, attempts.Count / 2);
    }

    [Fact]
    public async Task Run_BodyThatBreaksOff_IsAFailure()
    {
        var attempts = await RunAsync(static _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BrokenStream()) }), static () => { });

        Assert.All(attempts, static attempt => Assert.False(attempt.Succeeded));
    }

    private static async Task<IReadOnlyList<Attempt>> RunAsync(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer, Action atEnd)
    {
        using var http = new HttpMessageInvoker(new Answering(answer));
        using var stop = new CancellationTokenSource();
        var run = new OpenLoop(http, new Uri("http://shop.example/"), "shop.example", Rate).RunAsync(stop.Token);
        await Task.Delay(Time);
        await stop.CancelAsync();
        atEnd();
        return await run;
    }

    private sealed class Answering(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request);
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            Task.FromException(new IOException("the connection was reset"));
    }
}
