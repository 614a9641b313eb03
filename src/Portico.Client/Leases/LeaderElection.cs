using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Requests;

namespace Portico.Client.Leases;

/// <summary>
/// Lets one of several processes work at a time. The holder stops before its lease can be taken: it gives up
/// <see cref="LeaderElectionOptions.RenewDeadline"/> after its last renewal, others wait <see cref="LeaderElectionOptions.LeaseDuration"/>,
/// measured by their own clocks from when they saw the lease change.
/// </summary>
public sealed partial class LeaderElection(KubernetesClient client, LeaderElectionOptions options, ILogger logger, TimeProvider time)
{
    private Lease? _seen;
    private long _seenAt;

    /// <summary>Whether this process holds the lease now.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>
    /// Waits for leadership and runs <paramref name="work"/> with a token that is cancelled when leadership is lost; then waits again.
    /// Gives the lease back when cancelled. Returns when cancelled.
    /// </summary>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await AcquireAsync(cancellationToken);
                await LeadAsync(work, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task AcquireAsync(CancellationToken cancellationToken)
    {
        while (!await TryTakeAsync(cancellationToken))
        {
            await Task.Delay(options.RetryPeriod, time, cancellationToken);
        }
    }

    private async Task LeadAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        LogLeading(options.Key, options.Identity);
        IsLeader = true;
        using var term = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = work(term.Token);
        try
        {
            await HoldAsync(working, term.Token);
        }
        finally
        {
            // The lease goes back only when the work has ended: two must never work at a time.
            await term.CancelAsync();
            try
            {
                await working;
            }
            catch (OperationCanceledException) when (term.IsCancellationRequested)
            {
                // The work ended because its term did.
            }
            finally
            {
                IsLeader = false;
                LogEnded(options.Key, options.Identity);
                await ReleaseAsync();
            }
        }
    }

    private async Task HoldAsync(Task working, CancellationToken cancellationToken)
    {
        var renewed = time.GetTimestamp();
        while (!working.IsCompleted && time.GetElapsedTime(renewed) < options.RenewDeadline)
        {
            await Task.WhenAny(working, Task.Delay(options.RetryPeriod, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            var asked = time.GetTimestamp();
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var timer = time.CreateTimer(
                static state => ((CancellationTokenSource)state!).Cancel(), deadline, Left(renewed), Timeout.InfiniteTimeSpan);
            if (!working.IsCompleted && await TryTakeAsync(deadline.Token, cancellationToken))
            {
                renewed = asked;
            }
        }
    }

    private TimeSpan Left(long renewed)
    {
        var left = options.RenewDeadline - time.GetElapsedTime(renewed);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private Task<bool> TryTakeAsync(CancellationToken cancellationToken) => TryTakeAsync(cancellationToken, cancellationToken);

    private async Task<bool> TryTakeAsync(CancellationToken attempt, CancellationToken cancellationToken)
    {
        try
        {
            return await TakeAsync(attempt);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or KubernetesException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogFailed(options.Key, failure.Message);
            return false;
        }
    }

    private async Task<bool> TakeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = await client.GetAsync(KnownKinds.Leases, options.Key, cancellationToken);
        if (found.IsNotFound)
        {
            var created = await client.CreateAsync(KnownKinds.Leases, First(now), cancellationToken);
            Note(created.Value);
            return created.Value is not null;
        }

        var lease = found.OrThrow();
        if (_seen is null || _seen.Spec != lease.Spec)
        {
            Note(lease);
        }

        var mine = lease.Spec.HolderIdentity == options.Identity;
        if (!mine && lease.Spec.HolderIdentity is { Length: > 0 } && time.GetElapsedTime(_seenAt) < options.LeaseDuration)
        {
            return false;
        }

        var patch = new JsonObject
        {
            // Whoever wrote in between wins.
            ["metadata"] = new JsonObject { ["resourceVersion"] = lease.Metadata.ResourceVersion },
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = options.Identity,
                ["leaseDurationSeconds"] = (int)options.LeaseDuration.TotalSeconds,
                ["renewTime"] = MicroTimeConverter.Format(now),
                ["acquireTime"] = MicroTimeConverter.Format(mine ? lease.Spec.AcquireTime ?? now : now),
                ["leaseTransitions"] = (lease.Spec.LeaseTransitions ?? 0) + (mine ? 0 : 1),
            },
        };
        var patched = await client.PatchAsync(KnownKinds.Leases, options.Key, PatchType.Merge, patch, null, cancellationToken);
        Note(patched.Value);
        return patched.Value is not null;
    }

    private async Task ReleaseAsync()
    {
        if (_seen is not { Spec.HolderIdentity: { } holder } || holder != options.Identity)
        {
            return;
        }

        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = _seen.Metadata.ResourceVersion },
            ["spec"] = new JsonObject { ["holderIdentity"] = "", ["leaseDurationSeconds"] = 1 },
        };
        try
        {
            // Bounded: the lease runs out by itself, and a server that is gone must not keep us from stopping.
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
            await client.PatchAsync(KnownKinds.Leases, options.Key, PatchType.Merge, patch, null, limit.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            LogFailed(options.Key, failure.Message);
        }
    }

    private Lease First(DateTimeOffset now) => new()
    {
        Metadata = new() { Namespace = options.Key.Namespace, Name = options.Key.Name },
        Spec = new()
        {
            HolderIdentity = options.Identity,
            LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
            AcquireTime = now,
            RenewTime = now,
            LeaseTransitions = 0,
        },
    };

    private void Note(Lease? lease)
    {
        if (lease is not null)
        {
            (_seen, _seenAt) = (lease, time.GetTimestamp());
        }
    }

    [LoggerMessage(1030, LogLevel.Information, "{Lease}: {Identity} leads")]
    private partial void LogLeading(ObjectKey lease, string identity);

    [LoggerMessage(1031, LogLevel.Information, "{Lease}: {Identity} leads no more")]
    private partial void LogEnded(ObjectKey lease, string identity);

    [LoggerMessage(1032, LogLevel.Debug, "{Lease}: could not be taken or renewed: {Message}")]
    private partial void LogFailed(ObjectKey lease, string message);
}
