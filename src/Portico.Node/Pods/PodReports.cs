using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Events;
using Portico.Client.Queues;
using Portico.Client.Requests;

namespace Portico.Node.Pods;

/// <summary>Writes pods' statuses to the API server: at once, only what changed, the newest only, and until it is acknowledged.</summary>
internal sealed partial class PodReports(KubernetesClient client, EventRecorder events, ILogger logger, TimeProvider time) : IPodReports
{
    private const int Workers = 4;

    private readonly WorkQueue<string> _queue = new("pod statuses", logger, time);
    private readonly ConcurrentDictionary<string, Report> _wanted = [];
    private readonly ConcurrentDictionary<string, PodStatus> _acknowledged = [];

    public void Status(Pod pod, PodStatus status) => Want(pod, new(pod, status, Gone: false));

    public void Gone(Pod pod, PodStatus status) => Want(pod, new(pod, status, Gone: true));

    public void Event(Pod pod, bool warning, string reason, string message)
    {
        if (warning)
        {
            events.Warning(pod, reason, message);
        }
        else
        {
            events.Normal(pod, reason, message);
        }
    }

    /// <summary>The pod's object is gone: there is nothing to report to.</summary>
    public void Forget(string uid)
    {
        _wanted.TryRemove(uid, out _);
        _acknowledged.TryRemove(uid, out _);
    }

    public Task RunAsync(CancellationToken cancellationToken) => _queue.RunAsync(Workers, WriteAsync, cancellationToken);

    /// <summary>Writes what is not yet acknowledged, once, without the queue: for an agent that stops.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => Task.WhenAll(_wanted.Keys.Select(uid => WriteAsync(uid, cancellationToken)));

    private void Want(Pod pod, Report report)
    {
        var uid = pod.Metadata.Uid ?? "";
        _wanted[uid] = report;
        _queue.Add(uid);
    }

    private async Task WriteAsync(string uid, CancellationToken cancellationToken)
    {
        if (!_wanted.TryGetValue(uid, out var report))
        {
            return;
        }

        var (pod, status) = (report.Pod, report.Status);
        var key = ObjectKey.Of(pod);
        // What the server says about it counts only when we have nothing new to say: it may be older than what it acknowledged to us.
        var news = _acknowledged.TryGetValue(uid, out var acknowledged) ? StatusPatch.Compile(acknowledged, status) : null;
        if ((news ?? StatusPatch.Compile(pod.Status, status)) is { } changes)
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = uid }, ["status"] = changes };
            var patched = await client.PatchAsync(KnownKinds.Pods, key, PatchType.StrategicMerge, patch, "status", cancellationToken);
            if (patched.IsNotFound || patched.IsConflict)
            {
                // Deleted for good, or another pod of the same name by now.
                Forget(uid);
                return;
            }

            patched.OrThrow();
            _acknowledged[uid] = status;
            LogWritten(key, status.Phase);
        }

        if (report.Gone)
        {
            var deleted = await client.DeleteAsync(KnownKinds.Pods.Resource, key, uid, 0, cancellationToken);
            if (deleted.Code is >= 400 and not (404 or 409))
            {
                throw new KubernetesException(deleted);
            }
        }

        _wanted.TryRemove(new(uid, report));
    }

    [LoggerMessage(4020, LogLevel.Debug, "pod {Key}: status written, phase {Phase}")]
    private partial void LogWritten(ObjectKey key, string? phase);

    private sealed record Report(Pod Pod, PodStatus Status, bool Gone);
}
