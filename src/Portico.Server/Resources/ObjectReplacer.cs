using System.Text.Json.Nodes;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;

namespace Portico.Server.Resources;

/// <summary>Answers update (PUT), also of the status and finalize subresources.</summary>
internal sealed class ObjectReplacer(ObjectUpdater updater, ObjectReader reader)
{
    public async Task<Answer> ReplaceAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken);
        if (ObjectDecoder.Check(request, body, out var item) is { } refusal)
        {
            return Answer.Refuse(refusal);
        }

        var (stored, problem) = await updater.UpdateAsync(
            request,
            current => request.Subresource == "finalize" ? Finalize(item, current) : ((JsonObject)item.DeepClone(), null),
            cancellationToken);
        return stored is null ? Answer.Refuse(problem!) : reader.Show(request, stored);
    }

    /// <summary>Only spec.finalizers are the client's here.</summary>
    private static (JsonObject? Candidate, Status? Refusal) Finalize(JsonObject item, JsonObject current)
    {
        var candidate = (JsonObject)current.DeepClone();
        if (item.Text("metadata", "resourceVersion") is { } version)
        {
            candidate.Metadata()["resourceVersion"] = version;
        }

        var spec = candidate.Child("spec");
        spec.Remove("finalizers");
        if (item.At("spec", "finalizers") is JsonArray { Count: > 0 } finalizers)
        {
            spec["finalizers"] = finalizers.DeepClone();
        }

        return (candidate, null);
    }
}
