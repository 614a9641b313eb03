using System.Text.Json.Nodes;
using Portico.Api.Schemas;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Resources;
using Portico.Server.Store;
using Portico.Server.Tables;

namespace Portico.Server.Subresources;

/// <summary>autoscaling/v1 Scale of a workload: its replicas and nothing else.</summary>
internal sealed class ScaleEndpoint(IObjectStore store, ObjectUpdater updater)
{
    private static readonly ObjectSchema Schema = KindSchemas.For("autoscaling", "v1", "Scale");

    public Answer Get(ResourceRequest request) => store.Get(request.Key) is { } stored
        ? Answer.Json(Scale(stored.Parse()))
        : Answer.Refuse(Refusal.NotFound(request.Kind, request.Name));

    public async Task<Answer> ReplaceAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken);
        return body.Refusal is not null
            ? Answer.Refuse(body.Refusal)
            : await UpdateAsync(request, _ => (body.Node as JsonObject, null), cancellationToken);
    }

    public async Task<Answer> PatchAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var (patch, type, refusal) = await ObjectPatcher.ReadAsync(request, cancellationToken);
        return refusal is not null
            ? Answer.Refuse(refusal)
            : await UpdateAsync(request, scale => ObjectPatcher.Apply(type, scale, patch, Schema), cancellationToken);
    }

    private static JsonObject Scale(JsonObject item)
    {
        var metadata = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata[name] = item.At("metadata", name)?.DeepClone();
        }

        var selector = Cell.Selector(item.At("spec", "selector"));
        return new()
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = item.Number("spec", "replicas") ?? 1 },
            ["status"] = new JsonObject
            {
                ["replicas"] = item.Number("status", "replicas") ?? 0,
                ["selector"] = selector == Cell.None ? "" : selector,
            },
        };
    }

    private async Task<Answer> UpdateAsync(
        ResourceRequest request, Func<JsonObject, (JsonObject? Scale, Status? Refusal)> change, CancellationToken cancellationToken)
    {
        var (stored, problem) = await updater.UpdateAsync(
            request,
            current =>
            {
                var (scale, refusal) = change(Scale(current));
                if (scale is null)
                {
                    return (null, refusal ?? Refusal.BadRequest("the body of the request is no object"));
                }

                if (scale.Number("spec", "replicas") is not ({ } replicas and >= 0))
                {
                    return (null, Refusal.Invalid(
                        request.Kind,
                        request.Name,
                        [new() { Reason = "FieldValueInvalid", Field = "spec.replicas", Message = "Invalid value: must be greater than or equal to 0" }]));
                }

                var candidate = (JsonObject)current.DeepClone();
                candidate.Child("spec")["replicas"] = replicas;
                if (scale.Text("metadata", "resourceVersion") is { } version)
                {
                    candidate.Metadata()["resourceVersion"] = version;
                }

                return (candidate, null);
            },
            cancellationToken);
        return stored is null ? Answer.Refuse(problem!) : Answer.Json(Scale(stored.Parse()));
    }
}
