using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Events;
using Portico.Client.Queues;
using Portico.Client.Requests;

namespace Portico.Gateway.Ingress;

/// <summary>
/// Tells each Ingress what is so: the addresses it is reached at, and what is wrong with it. Works while this replica leads; a write is made only when
/// something differs.
/// </summary>
internal sealed class IngressReporter(
    KubernetesClient client, ClusterModel model, ObjectCache<IngressObject> ingresses, ObjectCache<Service> services, ObjectKey? publishService,
    EventRecorder events, WorkQueue<ObjectKey> queue)
{
    /// <summary>JSON, present only while something is wrong: an Ingress has no conditions of its own.</summary>
    public const string Annotation = "portico.dev/status";

    private static readonly JsonSerializerOptions Readable = new(ApiJson.Wire) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<ObjectKey, ImmutableArray<Problem>> _told = [];

    /// <summary>Looks at every Ingress again.</summary>
    public void All()
    {
        foreach (var key in model.Problems.Keys)
        {
            queue.Add(key);
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ingresses.Changed += OnIngress;
        services.Changed += OnService;
        try
        {
            All();
            // One worker: _told has one writer.
            await queue.RunAsync(1, ReportAsync, cancellationToken);
        }
        finally
        {
            ingresses.Changed -= OnIngress;
            services.Changed -= OnService;
        }
    }

    /// <summary>The merge patch that makes the Ingress tell what is so; null when it does.</summary>
    internal static JsonObject? Patch(IngressObject ingress, ImmutableArray<Problem> problems, IReadOnlyList<LoadBalancerIngress>? addresses)
    {
        var patch = new JsonObject();
        var wanted = Text(problems);
        if (ingress.Metadata.Annotations.GetValueOrDefault(Annotation) != wanted)
        {
            patch["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Annotation] = wanted } };
        }

        if (addresses is not null && !Same(ingress.Status.LoadBalancer.Ingress, addresses))
        {
            var list = new JsonArray();
            foreach (var address in addresses)
            {
                var item = new JsonObject();
                if (address.Ip is { } ip)
                {
                    item["ip"] = ip;
                }

                if (address.Hostname is { } hostname)
                {
                    item["hostname"] = hostname;
                }

                list.Add((JsonNode)item);
            }

            patch["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = list } };
        }

        return patch.Count > 0 ? patch : null;
    }

    private static bool Same(IReadOnlyList<LoadBalancerIngress> one, IReadOnlyList<LoadBalancerIngress> other)
    {
        if (one.Count != other.Count)
        {
            return false;
        }

        for (var i = 0; i < one.Count; i++)
        {
            if (one[i].Ip != other[i].Ip || one[i].Hostname != other[i].Hostname)
            {
                return false;
            }
        }

        return true;
    }

    private static string? Text(ImmutableArray<Problem> problems)
    {
        if (problems.IsEmpty)
        {
            return null;
        }

        var list = new JsonArray();
        foreach (var problem in problems)
        {
            list.Add((JsonNode)new JsonObject { ["reason"] = problem.Reason, ["field"] = problem.Field, ["message"] = problem.Message });
        }

        return new JsonObject { ["problems"] = list }.ToJsonString(Readable);
    }

    private void OnIngress(ObjectChange<IngressObject> change) => queue.Add(change.Key);

    private void OnService(ObjectChange<Service> change)
    {
        if (change.Key == publishService)
        {
            All();
        }
    }

    private async Task ReportAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (ingresses.Get(key) is not { } ingress || !model.Problems.TryGetValue(key, out var problems))
        {
            _told.Remove(key);
            return;
        }

        var addresses = publishService is { } service ? services.Get(service)?.Status.LoadBalancer.Ingress ?? [] : null;
        if (Patch(ingress, problems, addresses) is { } patch)
        {
            var patched = await client.PatchAsync(KnownKinds.Ingresses, key, PatchType.Merge, patch, "status", cancellationToken);
            if (!patched.IsNotFound)
            {
                patched.OrThrow();
            }
        }

        Tell(ingress, key, problems);
    }

    private void Tell(IngressObject ingress, ObjectKey key, ImmutableArray<Problem> problems)
    {
        var told = _told.GetValueOrDefault(key, []);
        foreach (var problem in problems)
        {
            if (!told.Contains(problem))
            {
                events.Warning(ingress, problem.Reason, problem.ToString());
            }
        }

        _told[key] = problems;
    }
}
