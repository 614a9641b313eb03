using Portico.Api.Objects;

namespace Portico.Node.Probes;

/// <summary>When one probe of one run of a container is due, and what its answers mean.</summary>
/// <remarks>
/// While a container is not ready or started yet, the probe is also asked between its periods, so that a quick start is seen quickly. A failure
/// then counts nothing: thresholds count periods.
/// </remarks>
internal sealed class ProbeSchedule(ProbeKind kind, Probe probe, DateTimeOffset start)
{
    private static readonly TimeSpan Eager = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EagerFor = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _period = TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? 10));
    private DateTimeOffset _nextPeriod = start + TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0);
    private int _successes;
    private int _failures;

    public ProbeKind Kind => kind;

    public Probe Probe => probe;

    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));

    public DateTimeOffset Due { get; private set; } = start + TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0);

    /// <summary>Null until it is known: a container counts as alive, not ready, and not started meanwhile.</summary>
    public bool? Result { get; private set; }

    /// <returns>True when a failure counts, which is worth an event.</returns>
    public bool Observe(bool success, DateTimeOffset now)
    {
        var counts = now >= _nextPeriod;
        while (_nextPeriod <= now)
        {
            _nextPeriod += _period;
        }

        if (success)
        {
            Succeed(counts);
        }
        else if (counts)
        {
            Fail();
        }

        var eager = kind != ProbeKind.Liveness && Result != true && now - start < EagerFor;
        Due = eager && now + Eager < _nextPeriod ? now + Eager : _nextPeriod;
        return counts && !success;
    }

    private void Succeed(bool counts)
    {
        var threshold = Math.Max(1, probe.SuccessThreshold ?? 1);
        if (!counts && threshold > 1)
        {
            return;
        }

        _failures = 0;
        if (++_successes >= threshold)
        {
            Result = true;
        }
    }

    private void Fail()
    {
        _successes = 0;
        if (++_failures >= Math.Max(1, probe.FailureThreshold ?? 3))
        {
            Result = false;
        }
    }
}
