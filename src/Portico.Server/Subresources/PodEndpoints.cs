using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Resources;

namespace Portico.Server.Subresources;

/// <summary>pods/binding, by which the scheduler places a pod, and pods/eviction.</summary>
internal sealed class PodEndpoints(ObjectUpdater updater, ObjectDeleter deleter, TimeProvider time)
{
    public async Task<Answer> BindAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken);
        if (body.Refusal is not null)
        {
            return Answer.Refuse(body.Refusal);
        }

        if (body.Node.Text("target", "name") is not { } node || (body.Node.Text("target", "kind") ?? "Node") != "Node")
        {
            return Answer.Refuse(Refusal.BadRequest("binding: target: a Node with a name is expected"));
        }

        var (stored, problem) = await updater.UpdateAsync(
            request,
            current =>
            {
                if (SystemMetadata.IsDeleting(current))
                {
                    return (null, Refusal.Conflict(request.Kind, request.Name, $"pod {request.Name} is being deleted, cannot be assigned to a host"));
                }

                if (current.Text("spec", "nodeName") is { } assigned)
                {
                    return (null, Refusal.Conflict(request.Kind, request.Name, $"pod {request.Name} is already assigned to node \"{assigned}\""));
                }

                return (Bind((JsonObject)current.DeepClone(), node), null);
            },
            cancellationToken);
        return stored is null ? Answer.Refuse(problem!) : Answer.Success(null, 201);
    }

    public async Task<Answer> EvictAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken);
        if (body.Refusal is not null)
        {
            return Answer.Refuse(body.Refusal);
        }

        var (options, refusal) = DeleteOptions.Read(body.Node.At("deleteOptions"), request.Context.Request);
        if (refusal is not null)
        {
            return Answer.Refuse(refusal);
        }

        var answer = await deleter.TryDeleteAsync(request, options, cancellationToken);
        return answer is null ? Answer.Success(null, 201) : Answer.Refuse(answer);
    }

    private JsonObject Bind(JsonObject pod, string node)
    {
        pod.Child("spec")["nodeName"] = node;
        var conditions = pod.Items("status", "conditions").Where(static one => one.Text("type") != "PodScheduled").Select(static one => one.DeepClone()).ToList();
        conditions.Add(new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastTransitionTime"] = TimeConverter.Format(time.GetUtcNow()) });
        pod.Child("status")["conditions"] = new JsonArray([.. conditions]);
        return pod;
    }
}
