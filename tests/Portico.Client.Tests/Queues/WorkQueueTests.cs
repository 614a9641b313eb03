using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Client.Queues;

namespace Portico.Client.Tests.Queues;

public sealed class WorkQueueTests : IAsyncDisposable
{
    private readonly SteppingTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly WorkQueue<string> _queue;
    private readonly Channel<string> _worked = Channel.CreateUnbounded<string>();
    private Task _running = Task.CompletedTask;

    public WorkQueueTests() => _queue = new("test", NullLogger.Instance, _time);

    [Fact]
    public async Task Add_KeyThatWaits_IsWorkedOnce()
    {
        _queue.Add("a");
        _queue.Add("a");
        _queue.Add("b");
        Run(1, _ => Task.CompletedTask);
        Assert.Equal(["a", "b"], [await NextAsync(), await NextAsync()]);
        _queue.Add("c");
        Assert.Equal("c", await NextAsync());
    }

    [Fact]
    public async Task Add_KeyAtWork_IsWorkedAgainAfterwardsNeverBeside()
    {
        var gate = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var atOnce = 0;
        var most = 0;
        Run(4, async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            started.TrySetResult();
            await gate.Task;
            Interlocked.Decrement(ref atOnce);
        });
        _queue.Add("a");
        await started.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        _queue.Add("a");
        _queue.Add("a");
        gate.SetResult();
        await NextAsync();
        await NextAsync();
        Assert.Equal(1, most);
        Assert.False(_worked.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Work_Fails_ComesBackAfterGrowingDelaysAndOthersGoOn()
    {
        var failures = 3;
        Run(1, key => key == "bad" && failures-- > 0 ? throw new InvalidOperationException("no") : Task.CompletedTask);
        _queue.Add("bad");
        Assert.Equal("bad", await NextAsync());
        var first = await _time.NextTimerAsync();
        _queue.Add("good");
        Assert.Equal("good", await NextAsync());
        _time.Advance(first);
        Assert.Equal("bad", await NextAsync());
        var second = await _time.StepAsync();
        Assert.Equal("bad", await NextAsync());
        var third = await _time.StepAsync();
        Assert.Equal("bad", await NextAsync());
        Assert.Equal([20, 40, 80], new[] { first, second, third }.Select(delay => delay.TotalMilliseconds));
    }

    [Fact]
    public async Task AddAfter_SeveralTimes_TheEarliestCounts()
    {
        Run(1, _ => Task.CompletedTask);
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(7));
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(_worked.Reader.TryRead(out _));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("a", await NextAsync());
        _time.Advance(TimeSpan.FromSeconds(60));
        _queue.Add("b");
        Assert.Equal("b", await NextAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private void Run(int workers, Func<string, Task> work) => _running = _queue.RunAsync(
        workers,
        async (key, _) =>
        {
            try
            {
                await work(key);
            }
            finally
            {
                _worked.Writer.TryWrite(key);
            }
        },
        _stop.Token);

    private async Task<string> NextAsync() =>
        await _worked.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
}
