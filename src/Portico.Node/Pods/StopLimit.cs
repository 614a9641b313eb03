namespace Portico.Node.Pods;

/// <summary>When patience with a stopping pod ends. It can be made shorter, never longer.</summary>
internal sealed class StopLimit(TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _end = new(Timeout.InfiniteTimeSpan, time);
    private DateTimeOffset _at = DateTimeOffset.MaxValue;

    /// <summary>Cancelled when the processes are to be killed.</summary>
    public CancellationToken End => _end.Token;

    public void Shorten(TimeSpan grace)
    {
        var at = time.GetUtcNow() + grace;
        if (at < _at)
        {
            _at = at;
            _end.CancelAfter(grace > TimeSpan.Zero ? grace : TimeSpan.Zero);
        }
    }

    public void Dispose() => _end.Dispose();
}
