using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Portico.Client.Tests;

/// <summary>Time that stands still, and says when somebody starts to wait for it.</summary>
internal sealed class SteppingTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>The delay of the next timer that somebody makes, or has made since the last call.</summary>
    public async Task<TimeSpan> NextTimerAsync() => await _timers.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Waits for the next timer and lets it run out.</summary>
    public async Task<TimeSpan> StepAsync()
    {
        var due = await NextTimerAsync();
        Advance(due);
        return due;
    }
}
