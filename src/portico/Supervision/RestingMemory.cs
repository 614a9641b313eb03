namespace Portico.Cli.Supervision;

/// <summary>
/// Gives memory back to the machine once a process has come to rest. Starting takes several times what running takes, and the collector
/// keeps it as long as nobody asks: with a process a pod on one machine, that adds up.
/// </summary>
internal sealed class RestingMemory : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    // Less than this in a period is rest; more than this since the last time is worth the work.
    private const long Little = 1 << 20;
    private const long Worthwhile = 4 << 20;

    private readonly ITimer _timer;
    private long _seen;
    private long _collected;

    public RestingMemory(TimeProvider time) => _timer = time.CreateTimer(static state => ((RestingMemory)state!).Look(), this, Period, Period);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var resting = allocated - _seen < Little;
        _seen = allocated;
        if (resting && allocated - _collected > Worthwhile)
        {
            _collected = allocated;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
