using System.Net;
using Microsoft.Extensions.Logging;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Node.Records;

namespace Portico.Node.Pods;

/// <summary>One worker for every pod that is bound to the node, and none for any other.</summary>
internal sealed partial class PodSupervisor(PodServices services, ObjectCache<Pod> pods, PodReports reports, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodWorker> _workers = [];
    private readonly List<PodWorker> _leaving = [];
    private CancellationToken _life;
    private bool _closed;

    /// <summary>Goes on with the pods of an earlier agent and removes what is left of those that no longer exist. The cache is filled before.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _life = cancellationToken;
        var known = pods.Items.ToDictionary(pod => pod.Metadata.Uid ?? "");
        var adopted = new Dictionary<string, PodRecord>();
        foreach (var (id, record) in services.Store.Load())
        {
            if (record is not null && known.ContainsKey(record.Uid) && (record.Finished || services.Addresses.TryTake(IPAddress.Parse(record.Address))))
            {
                adopted[record.Uid] = record;
            }
            else
            {
                LogOrphan(id, record?.Namespace, record?.Name);
                await services.Runtime.RemoveAsync(record ?? PodRecord.Unknown(id), cancellationToken);
                services.Store.Remove(id);
            }
        }

        pods.Changed += OnChanged;
        foreach (var pod in pods.Items)
        {
            Follow(pod, adopted.GetValueOrDefault(pod.Metadata.Uid ?? ""));
        }
    }

    /// <summary>Stops every pod, within <paramref name="grace"/> and what the kernel needs.</summary>
    public async Task StopPodsAsync(TimeSpan grace)
    {
        foreach (var worker in Close())
        {
            worker.Shutdown(grace);
        }

        await CompletionAsync();
    }

    /// <summary>After the end of <see cref="StartAsync"/>'s token: the pods go on without an agent.</summary>
    public Task CompletionAsync() => Task.WhenAll(Close().Select(worker => worker.Completion));

    /// <summary>Every pod that has a record, with it.</summary>
    public IReadOnlyList<(Pod Pod, PodRecord Record)> Records()
    {
        lock (_lock)
        {
            return [.. _workers.Values.Where(worker => worker.Record is not null).Select(worker => (worker.Pod, worker.Record!))];
        }
    }

    public (Pod Pod, PodRecord? Record)? Find(string @namespace, string name)
    {
        lock (_lock)
        {
            foreach (var worker in _workers.Values)
            {
                if (worker.Pod.Metadata.Name == name && worker.Pod.Metadata.Namespace == @namespace)
                {
                    return (worker.Pod, worker.Record);
                }
            }

            return null;
        }
    }

    private List<PodWorker> Close()
    {
        pods.Changed -= OnChanged;
        lock (_lock)
        {
            _closed = true;
            return [.. _workers.Values, .. _leaving];
        }
    }

    private void OnChanged(ObjectChange<Pod> change)
    {
        if (change.Old is { } old && old.Metadata.Uid != change.New?.Metadata.Uid)
        {
            Forget(old.Metadata.Uid ?? "");
        }

        if (change.New is { } pod)
        {
            Follow(pod, null);
        }
    }

    private void Follow(Pod pod, PodRecord? adopted)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            var uid = pod.Metadata.Uid ?? "";
            if (_workers.TryGetValue(uid, out var worker))
            {
                worker.Update(pod);
                return;
            }

            worker = new PodWorker(services, pod, adopted);
            _workers[uid] = worker;
            worker.Start(_life);
        }
    }

    private void Forget(string uid)
    {
        lock (_lock)
        {
            if (_workers.Remove(uid, out var worker))
            {
                reports.Forget(uid);
                worker.Remove();
                _leaving.RemoveAll(static gone => gone.Completion.IsCompleted);
                _leaving.Add(worker);
            }
        }
    }

    [LoggerMessage(4040, LogLevel.Information, "pod {Id} ({Namespace}/{Name}) of an earlier agent no longer exists: removed")]
    private partial void LogOrphan(string id, string? @namespace, string? name);
}
