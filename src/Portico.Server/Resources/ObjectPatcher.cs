using System.Text.Json.Nodes;
using Portico.Api.Patches;
using Portico.Api.Schemas;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;

namespace Portico.Server.Resources;

/// <summary>Answers patch, also of the status subresource.</summary>
internal sealed class ObjectPatcher(ObjectUpdater updater, ObjectReader reader)
{
    public const string JsonPatchType = "application/json-patch+json";
    public const string MergePatchType = "application/merge-patch+json";
    public const string StrategicMergePatchType = "application/strategic-merge-patch+json";

    public async Task<Answer> PatchAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var (patch, type, refusal) = await ReadAsync(request, cancellationToken);
        if (refusal is not null)
        {
            return Answer.Refuse(refusal);
        }

        var (stored, problem) = await updater.UpdateAsync(
            request,
            current =>
            {
                var (candidate, failure) = Apply(type, current, patch, KindSchemas.For(request.Kind));
                failure ??= ObjectDecoder.CheckFields(request, candidate!, current, []);
                return failure is null ? (candidate, null) : (null, failure);
            },
            cancellationToken);
        return stored is null ? Answer.Refuse(problem!) : reader.Show(request, stored);
    }

    /// <summary>Reads a patch of any of the three types.</summary>
    public static async Task<(JsonNode? Patch, string Type, Status? Refusal)> ReadAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var type = (request.Context.Request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken, JsonPatchType, MergePatchType, StrategicMergePatchType);
        return (body.Node, type, body.Refusal ?? (body.Node is null ? Refusal.BadRequest("the patch is empty") : null));
    }

    public static (JsonObject? Candidate, Status? Refusal) Apply(string type, JsonObject current, JsonNode? patch, ObjectSchema schema)
    {
        if (type != JsonPatchType && patch is not JsonObject)
        {
            return (null, Refusal.BadRequest("the patch is no object"));
        }

        var result = type switch
        {
            JsonPatchType => JsonPatch.Apply(current, patch),
            MergePatchType => MergePatch.Apply(current, (JsonObject)patch!),
            _ => StrategicMergePatch.Apply(current, (JsonObject)patch!, schema),
        };
        if (result.Succeeded)
        {
            return (result.Object, null);
        }

        return (null, result.Failure == PatchFailure.Malformed ? Refusal.BadRequest(result.Error) : Refusal.Unprocessable(result.Error));
    }
}
