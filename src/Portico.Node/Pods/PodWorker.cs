using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portico.Api.Objects;
using Portico.Client.Requests;
using Portico.Node.Records;

namespace Portico.Node.Pods;

/// <summary>
/// Brings one pod from what is to what its object says, for as long as the object exists. One loop owns all state: what happens elsewhere (a changed
/// object, a process that ended, a probe) is posted to it.
/// </summary>
#pragma warning disable CA1001 // The source has no timer and no handle, and other threads may cancel it at any time.
internal sealed partial class PodWorker
#pragma warning restore CA1001
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    // A pod whose object is gone gets little time: nobody waits for it any more.
    private static readonly TimeSpan OrphanGrace = TimeSpan.FromSeconds(2);

    private readonly PodServices _services;
    private readonly Channel<Action> _posted = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private readonly CancellationTokenSource _interrupt = new();
    private readonly ContainerSet _containers;
    private Pod _pod;
    private PodRecord? _record;
    private bool _networkReady;
    private bool _objectGone;
    private TimeSpan? _shutdownGrace;
    private DateTimeOffset? _filesDue;
    private string? _lastProblem;
    private TimeSpan _retry = FirstRetry;

    /// <param name="adopted">What an earlier agent left of the pod.</param>
    public PodWorker(PodServices services, Pod pod, PodRecord? adopted)
    {
        (_services, _pod, _record) = (services, pod, adopted);
        _containers = new(services, post: action => _posted.Writer.TryWrite(action), record: () => _record!, save: Save);
    }

    public string Uid => _pod.Metadata.Uid ?? "";

    /// <summary>Completes when nothing of the pod is left on the node, or when the agent stops without stopping its pods.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>What the node knows of the pod now, for readers on other threads. Null: nothing was made yet.</summary>
    public PodRecord? Record => _record;

    public Pod Pod => _pod;

    private bool MustStop => IsDeleted || _shutdownGrace is not null;

    private bool IsDeleted => _objectGone || _pod.Metadata.DeletionTimestamp is not null;

    private TimeSpan Grace => _objectGone
        ? OrphanGrace
        : _shutdownGrace ?? TimeSpan.FromSeconds(_pod.Metadata.DeletionGracePeriodSeconds ?? _pod.Spec.TerminationGracePeriodSeconds ?? 30);

    /// <summary>On the pool: the caller is the cache's only writer.</summary>
    public void Start(CancellationToken cancellationToken) => Completion = Task.Run(() => RunAsync(cancellationToken), CancellationToken.None);

    public void Update(Pod pod) => Post(() => _pod = pod, interrupt: pod.Metadata.DeletionTimestamp is not null);

    /// <summary>The object is gone from the API server.</summary>
    public void Remove() => Post(() => _objectGone = true, interrupt: true);

    /// <summary>Stops the pod but leaves its object: the next agent starts it again.</summary>
    public void Shutdown(TimeSpan grace) => Post(() => _shutdownGrace = grace, interrupt: true);

    private void Post(Action action, bool interrupt)
    {
        _posted.Writer.TryWrite(action);
        if (interrupt)
        {
            // A request in the way of a stop ends with it.
            _interrupt.Cancel();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_record is not null)
            {
                _containers.Adopt(_pod);
            }

            while (!await TryFollowAsync(cancellationToken))
            {
                await WaitAsync(Retry(), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The containers go on; the next agent adopts them.
        }
        finally
        {
            await _containers.LeaveAsync();
        }
    }

    /// <returns>False: something unexpected failed; nothing is lost by doing it again.</returns>
    private async Task<bool> TryFollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!MustStop)
            {
                var due = await TrySyncAsync(cancellationToken);
                Report();
                await WaitAsync(due, cancellationToken);
            }

            await StopAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // One pod's failure must not end its worker, nor touch another's.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(_services.Logger, failure, _pod.Metadata.Namespace, _pod.Metadata.Name);
            return false;
        }
    }

    private async Task WaitAsync(DateTimeOffset? due, CancellationToken cancellationToken)
    {
        if (!_posted.Reader.TryPeek(out _))
        {
            using var wake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (due is { } at)
            {
                var delay = at - _services.Time.GetUtcNow();
                var posted = _posted.Reader.WaitToReadAsync(wake.Token).AsTask();
                await Task.WhenAny(posted, Task.Delay(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, _services.Time, wake.Token));
                await wake.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }
            else
            {
                await _posted.Reader.WaitToReadAsync(wake.Token);
            }
        }

        while (_posted.Reader.TryRead(out var action))
        {
            action();
        }
    }

    private async Task<DateTimeOffset?> TrySyncAsync(CancellationToken cancellationToken)
    {
        using var work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _interrupt.Token);
        try
        {
            return await SyncAsync(work.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return _services.Time.GetUtcNow();
        }
        catch (Exception problem) when (problem is IOException or HttpRequestException or UnauthorizedAccessException or KubernetesException)
        {
            Problem("FailedCreatePodSandBox", problem.Message);
            return Retry();
        }
    }

    private async Task<DateTimeOffset?> SyncAsync(CancellationToken cancellationToken)
    {
        if (PodPhase.IsTerminal(_pod.Status.Phase) || _record?.Finished == true)
        {
            return null;
        }

        if (_pod.Spec.HostNetwork == true)
        {
            Problem("FailedCreatePodSandBox", "hostNetwork pods don't work on this node");
            return null;
        }

        if (!await EnsureNetworkAsync(cancellationToken))
        {
            return Retry();
        }

        if (_filesDue is null || _filesDue <= _services.Time.GetUtcNow())
        {
            var (error, due) = await _services.Files.WriteAsync(_pod, _record!, _filesDue, cancellationToken);
            if (error is not null)
            {
                Problem("FailedMount", error);
                return Retry();
            }

            _filesDue = due ?? DateTimeOffset.MaxValue;
        }

        (_lastProblem, _retry) = (null, FirstRetry);
        var next = await _containers.SyncAsync(_pod, cancellationToken);
        if (PodPhase.IsTerminal(PodPhase.Compile(_pod, View())))
        {
            await FinishAsync(cancellationToken);
            return null;
        }

        return _filesDue < DateTimeOffset.MaxValue && (next is null || _filesDue < next) ? _filesDue : next;
    }

    private async Task<bool> EnsureNetworkAsync(CancellationToken cancellationToken)
    {
        if (_record is null)
        {
            if (_services.Addresses.Take() is not { } address)
            {
                Problem("FailedCreatePodSandBox", "no address of the node's podCIDR is free");
                return false;
            }

            _record = new()
            {
                Id = PodIds.Of(Uid),
                Uid = Uid,
                Namespace = _pod.Metadata.Namespace,
                Name = _pod.Metadata.Name,
                Address = address.ToString(),
                StartTime = _services.Time.GetUtcNow(),
                Containers = RememberedContainers.Compile(_pod, _services.Time.GetUtcNow()),
            };
            _services.Store.Save(_record);
        }

        if (!_networkReady)
        {
            if (!_services.Runtime.Exists(_record) || _containers.NoneRuns)
            {
                await _services.Runtime.CreateAsync(_record, cancellationToken);
            }

            _networkReady = true;
        }

        return true;
    }

    // What the pod wrote stays until its object is deleted: its logs are still asked for.
    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        await ReleaseNetworkAsync(cancellationToken);
        Save(_record! with { Finished = true });
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        Report();
        if (_record is not null)
        {
            using var limit = new StopLimit(_services.Time);
            limit.Shorten(Grace);
            _containers.BeginStop(_pod, limit, cancellationToken);
            while (!_containers.NoneRuns)
            {
                await WaitAsync(null, cancellationToken);
                limit.Shorten(Grace);
                Report();
            }

            await ReleaseNetworkAsync(cancellationToken);
        }

        Report();
        await GoAsync(cancellationToken);
    }

    private async Task GoAsync(CancellationToken cancellationToken)
    {
        if (_shutdownGrace is null && !_objectGone)
        {
            _services.Reports.Gone(_pod, PodStatusCompiler.Compile(_pod, View(), _services.Time.GetUtcNow()));
            while (!_objectGone && _shutdownGrace is null)
            {
                await WaitAsync(null, cancellationToken);
            }
        }

        if (_record is not null)
        {
            _services.Store.Remove(_record.Id);
        }

        LogGone(_pod.Metadata.Namespace, _pod.Metadata.Name);
    }

    private async Task ReleaseNetworkAsync(CancellationToken cancellationToken)
    {
        if (_record is { Finished: false } record)
        {
            await _services.Runtime.RemoveAsync(record, cancellationToken);
            _services.Addresses.Release(IPAddress.Parse(record.Address));
        }

        _networkReady = false;
    }

    private void Save(PodRecord record)
    {
        _record = record;
        _services.Store.Save(record);
    }

    private void Report()
    {
        if (!PodPhase.IsTerminal(_pod.Status.Phase))
        {
            _services.Reports.Status(_pod, PodStatusCompiler.Compile(_pod, View(), _services.Time.GetUtcNow()));
        }
    }

    private PodView View() => new()
    {
        HostAddress = _services.Options.NodeAddress.ToString(),
        Address = _record?.Address,
        StartTime = _record?.StartTime ?? _services.Time.GetUtcNow(),
        NetworkReady = _networkReady,
        Stopping = MustStop,
        Deleted = IsDeleted,
        Containers = _containers.View(_record),
    };

    private DateTimeOffset Retry()
    {
        var at = _services.Time.GetUtcNow() + _retry;
        _retry = _retry * 2 < LongestRetry ? _retry * 2 : LongestRetry;
        return at;
    }

    private void Problem(string reason, string message)
    {
        if (_lastProblem != message)
        {
            _lastProblem = message;
            _services.Reports.Event(_pod, warning: true, reason, message);
            LogProblem(_pod.Metadata.Namespace, _pod.Metadata.Name, message);
        }
    }

    [LoggerMessage(4030, LogLevel.Warning, "pod {Namespace}/{Name}: {Problem}")]
    private static partial void LogProblem(ILogger logger, string @namespace, string name, string problem);

    [LoggerMessage(4031, LogLevel.Debug, "pod {Namespace}/{Name}: nothing is left of it on this node")]
    private static partial void LogGone(ILogger logger, string @namespace, string name);

    [LoggerMessage(4032, LogLevel.Error, "pod {Namespace}/{Name} failed, will be tried again")]
    private static partial void LogFailed(ILogger logger, Exception failure, string @namespace, string name);

    private void LogProblem(string @namespace, string name, string problem) => LogProblem(_services.Logger, @namespace, name, problem);

    private void LogGone(string @namespace, string name) => LogGone(_services.Logger, @namespace, name);
}
