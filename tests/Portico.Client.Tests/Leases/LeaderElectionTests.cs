using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Kinds;
using Portico.Client.Leases;
using Portico.Testing.ApiServers;

namespace Portico.Client.Tests.Leases;

public sealed class LeaderElectionTests
{
    private static readonly ObjectKey Key = new("portico-system", "controller");

    [Fact]
    public async Task Run_HolderStops_GivesTheLeaseToTheNext()
    {
        using var api = new FakeApiServer();
        await using var first = new Candidate(api, "first");
        await first.LeadsAsync();
        await using var second = new Candidate(api, "second");
        Assert.Equal(TimeSpan.FromSeconds(2), await second.Time.NextTimerAsync());
        Assert.False(second.Election.IsLeader);

        await first.DisposeAsync();
        Assert.Equal("", api.Get(KnownKinds.Leases, Key.Namespace, Key.Name)!.Spec.HolderIdentity);
        second.Time.Advance(TimeSpan.FromSeconds(2));
        await second.LeadsAsync();
        Assert.Equal(1, api.Get(KnownKinds.Leases, Key.Namespace, Key.Name)!.Spec.LeaseTransitions);
    }

    [Fact]
    public async Task Run_HolderSilent_IsReplacedAfterTheLeaseDurationNotBefore()
    {
        using var api = new FakeApiServer();
        api.Put(KnownKinds.Leases, new()
        {
            Metadata = new() { Namespace = Key.Namespace, Name = Key.Name },
            // A clock far behind ours: only what we see changing counts.
            Spec = new() { HolderIdentity = "dead", RenewTime = DateTimeOffset.UnixEpoch, LeaseDurationSeconds = 15 },
        });
        await using var next = new Candidate(api, "next");
        for (var waited = 0; waited < 14; waited += 2)
        {
            Assert.False(next.Election.IsLeader);
            await next.Time.StepAsync();
        }

        Assert.Equal(TimeSpan.FromSeconds(2), await next.Time.NextTimerAsync());
        Assert.False(next.Election.IsLeader);
        next.Time.Advance(TimeSpan.FromSeconds(2));
        await next.LeadsAsync();
    }

    [Fact]
    public async Task Run_ServerAway_StopsTheWorkBeforeTheLeaseRunsOut()
    {
        using var api = new FakeApiServer();
        await using var holder = new Candidate(api, "holder");
        await holder.LeadsAsync();
        api.Fault = _ => throw new HttpRequestException("refused");
        var start = holder.Time.GetTimestamp();
        while (!holder.Stopped.IsCompleted)
        {
            await Task.WhenAny(holder.Time.StepAsync(), holder.Stopped);
        }

        Assert.InRange(holder.Time.GetElapsedTime(start), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(14));
    }

    private sealed class Candidate : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TaskCompletionSource _leads = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _running;

        public Candidate(FakeApiServer api, string identity)
        {
            Election = new(api.Client, new() { Key = Key, Identity = identity }, NullLogger.Instance, Time);
            _running = Election.RunAsync(WorkAsync, _stop.Token);
        }

        public SteppingTime Time { get; } = new();

        public LeaderElection Election { get; }

        public Task Stopped => _stopped.Task;

        public Task LeadsAsync() => _leads.Task.WaitAsync(TimeSpan.FromSeconds(20));

        public async ValueTask DisposeAsync()
        {
            if (!_stop.IsCancellationRequested)
            {
                await _stop.CancelAsync();
                await _running;
            }
        }

        private async Task WorkAsync(CancellationToken cancellationToken)
        {
            _leads.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                _stopped.TrySetResult();
            }
        }
    }
}
