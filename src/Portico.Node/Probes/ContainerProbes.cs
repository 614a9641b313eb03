using Portico.Api.Objects;
using Portico.Node.Containers;
using Portico.Node.Records;

namespace Portico.Node.Probes;

/// <summary>Asks the probes of one run of a container for as long as it runs.</summary>
internal sealed class ContainerProbes(
    Container container, ContainerRecord record, string podAddress, IPodRuntime runtime, IProber prober, TimeProvider time)
{
    /// <summary>Called after every answer with the probe's state so far, and for failures that count with why.</summary>
    public required Action<ProbeSchedule, string?> Observed { get; init; }

    /// <summary>Runs until cancelled. Liveness and readiness are asked only after the startup probe has succeeded.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (container.StartupProbe is { } startup && !record.Started)
            {
                await AskAsync(new(ProbeKind.Startup, startup, record.StartedAt), untilDecided: true, cancellationToken);
            }

            var start = container.StartupProbe is null ? record.StartedAt : time.GetUtcNow();
            var liveness = container.LivenessProbe is { } alive
                ? AskAsync(new(ProbeKind.Liveness, alive, start), untilDecided: false, cancellationToken)
                : Task.CompletedTask;
            var readiness = container.ReadinessProbe is { } ready
                ? AskAsync(new(ProbeKind.Readiness, ready, start), untilDecided: false, cancellationToken)
                : Task.CompletedTask;
            await Task.WhenAll(liveness, readiness);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    private async Task AskAsync(ProbeSchedule schedule, bool untilDecided, CancellationToken cancellationToken)
    {
        while (!untilDecided || schedule.Result is null)
        {
            var delay = schedule.Due - time.GetUtcNow();
            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, time, cancellationToken);
            }

            var result = await AskAsync(schedule, cancellationToken);
            var counts = schedule.Observe(result.Success, time.GetUtcNow());
            Observed(schedule, counts ? result.Message : null);
        }

        if (untilDecided && schedule.Result == false)
        {
            // The container is stopped for it; there is nothing more to ask.
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
    }

    private async Task<ProbeResult> AskAsync(ProbeSchedule schedule, CancellationToken cancellationToken)
    {
        switch (schedule.Probe)
        {
            case { HttpGet: { } http }:
                return await prober.HttpGetAsync(http, container, podAddress, schedule.Timeout, cancellationToken);
            case { TcpSocket: { } tcp }:
                return await prober.TcpSocketAsync(tcp, container, podAddress, schedule.Timeout, cancellationToken);
            case { Exec: { } exec }:
                var result = await runtime.ExecAsync(record, exec.Command, schedule.Timeout, cancellationToken);
                return new(result.ExitCode == 0, result.ExitCode is null ? $"command timed out after {schedule.Timeout.TotalSeconds} s" : result.Output);
            default:
                return new(false, "only httpGet, tcpSocket and exec probes work on this node");
        }
    }
}
