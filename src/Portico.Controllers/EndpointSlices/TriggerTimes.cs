using System.Collections.Concurrent;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Controllers.Conditions;

namespace Portico.Controllers.EndpointSlices;

/// <summary>
/// Since when the change that a slice is written for has been waiting. kube-proxy's network_programming_duration_seconds is counted
/// from it (SIG Scalability's network programming latency).
/// </summary>
internal sealed class TriggerTimes
{
    private readonly ConcurrentDictionary<ObjectKey, State> _services = new();

    /// <summary>The oldest change since the last call for this Service; null when nothing that has a time changed.</summary>
    public DateTimeOffset? Next(Service service, IEnumerable<Pod> pods)
    {
        var key = ObjectKey.Of(service);
        var before = _services.GetValueOrDefault(key);
        var times = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        DateTimeOffset? oldest = null;
        foreach (var pod in pods)
        {
            if (pod.Status.Conditions.Find("Ready")?.LastTransitionTime is not { } time)
            {
                continue;
            }

            times[pod.Metadata.Name] = time;
            if (before is null || !before.Pods.TryGetValue(pod.Metadata.Name, out var last) || time > last)
            {
                oldest = oldest is null || time < oldest ? time : oldest;
            }
        }

        var created = service.Metadata.CreationTimestamp;
        if (before is null && created is not null && (oldest is null || created < oldest))
        {
            oldest = created;
        }

        _services[key] = new(times);
        return oldest;
    }

    public void Forget(ObjectKey service) => _services.TryRemove(service, out _);

    private sealed record State(Dictionary<string, DateTimeOffset> Pods);
}
