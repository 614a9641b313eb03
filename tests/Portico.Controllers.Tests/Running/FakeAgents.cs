using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Queues;
using Portico.Testing.ApiServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Portico.Controllers.Tests.Running;

/// <summary>What node agents do to the API: pods that are bound become ready, pods that are deleted end.</summary>
internal sealed class FakeAgents
{
    private readonly FakeApiServer _api;
    private readonly WorkQueue<ObjectKey> _queue = new("agents", NullLogger.Instance, TimeProvider.System);
    private int _addresses;

    public FakeAgents(FakeApiServer api, ObjectCache<Pod> pods)
    {
        _api = api;
        pods.Changed += change => _queue.Add(change.Key);
    }

    /// <summary>Pods that it is false for never become ready.</summary>
    public Func<Pod, bool> BecomesReady { get; set; } = _ => true;

    public Task RunAsync(CancellationToken cancellationToken) => _queue.RunAsync(1, ReconcileAsync, cancellationToken);

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_api.Get(KnownKinds.Pods, key.Namespace, key.Name) is not { Spec.NodeName.Length: > 0 } pod)
        {
            return;
        }

        if (pod.Metadata.DeletionTimestamp is not null)
        {
            await _api.Client.DeleteAsync(KnownKinds.Pods.Resource, key, pod.Metadata.Uid, 0, cancellationToken);
        }
        else if (pod.Status.Phase is null)
        {
            var now = TimeProvider.System.GetUtcNow();
            _api.Put(KnownKinds.Pods, pod with
            {
                Status = new()
                {
                    Phase = "Running",
                    PodIP = $"10.244.1.{++_addresses}",
                    Conditions = BecomesReady(pod) ? [new() { Type = "Ready", Status = "True", LastTransitionTime = now }] : [],
                },
            });
        }
    }
}
