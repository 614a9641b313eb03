using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Schemas;
using Portico.Api.Statuses;
using Portico.Client.Requests;

namespace Portico.Cli.Manifests;

/// <summary>
/// Creates or changes objects as <c>kubectl apply</c> does: a three-way merge by the same annotation, so that both can work on one object.
/// </summary>
internal sealed class ManifestApplier(KubernetesClient client)
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <returns>Null, or the sentence that says which manifest was refused, why, and what had been applied before it.</returns>
    public async Task<string?> ApplyAsync(IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        var applied = new List<Manifest>();
        // Namespaces first, whatever the file order: the others live in them.
        foreach (var manifest in manifests.OrderBy(manifest => manifest.Kind == KnownKinds.Namespaces.Resource ? 0 : 1))
        {
            if (await ApplyAsync(manifest, cancellationToken) is { } refused)
            {
                var before = applied.Count == 0 ? "nothing was applied" : $"applied before it: {string.Join(", ", applied)}";
                return $"{manifest.File}: document {manifest.Document}: {manifest}: {Words(refused)} ({before})";
            }

            applied.Add(manifest);
        }

        return null;
    }

    private static string Words(Status status) =>
        status.Details is { Causes.Count: > 0 } details
            ? string.Join("; ", details.Causes.Select(cause => $"{cause.Field}: {cause.Message}"))
            : status.Message ?? status.Reason ?? $"HTTP {status.Code}";

    private async Task<Status?> ApplyAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        var wanted = WithLastApplied(manifest);
        var (created, refused) = await SendAsync(HttpMethod.Post, manifest.Kind.Path(manifest.Namespace), wanted, "application/json", cancellationToken);
        if (created is not null || refused is not { Reason: StatusReasons.AlreadyExists })
        {
            return refused;
        }

        var path = manifest.Kind.Path(manifest.Namespace, manifest.Name);
        var (live, gone) = await SendAsync(HttpMethod.Get, path, null, null, cancellationToken);
        if (live is null)
        {
            return gone;
        }

        var last = live["metadata"]?["annotations"]?[LastApplied]?.GetValue<string>() is { } text ? JsonNode.Parse(text) as JsonObject : null;
        var patch = ApplyPatch.Compute(last ?? [], wanted, KindSchemas.For(manifest.Kind));
        return (await SendAsync(HttpMethod.Patch, path, patch, PatchType.StrategicMerge, cancellationToken)).Refused;
    }

    private static JsonObject WithLastApplied(Manifest manifest)
    {
        var wanted = manifest.Object.DeepClone().AsObject();
        var metadata = wanted["metadata"]!.AsObject();
        if (manifest.Kind.Namespaced)
        {
            metadata["namespace"] = manifest.Namespace;
        }

        var annotations = metadata["annotations"] as JsonObject ?? [];
        annotations.Remove(LastApplied);
        metadata["annotations"] = annotations.DeepClone();
        metadata["annotations"]![LastApplied] = wanted.ToJsonString(ApiJson.Wire) + "\n";
        return wanted;
    }

    private async Task<(JsonObject? Value, Status? Refused)> SendAsync(
        HttpMethod method, string path, JsonObject? body, string? contentType, CancellationToken cancellationToken)
    {
        using var content = body is null ? null : new StringContent(body.ToJsonString(ApiJson.Wire));
        if (content is not null)
        {
            content.Headers.ContentType = new MediaTypeHeaderValue(contentType!);
        }

        var query = method == HttpMethod.Get ? "" : "?fieldManager=portico&fieldValidation=Strict";
        using var response = await client.SendRawAsync(method, path + query, content, cancellationToken);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? (JsonNode.Parse(answer)!.AsObject(), null)
            : (null, JsonSerializer.Deserialize(answer, ApiJson.TypeInfo<Status>()));
    }
}
