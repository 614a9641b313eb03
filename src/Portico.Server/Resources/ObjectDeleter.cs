using System.Globalization;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Statuses;
using Portico.Server.Admission;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>
/// Answers delete and deletecollection. An object goes at once, or it is marked and goes when nothing holds it any more:
/// finalizers, and for a pod that runs its grace period, which its node ends.
/// </summary>
internal sealed class ObjectDeleter(IObjectStore store, AdmissionChain admission, KeyGates gates, ObjectReader reader, TimeProvider time)
{
    private const long DefaultGracePeriod = 30;
    private const int Attempts = 5;

    // Kinds whose delete answers with the object rather than a Status (ReturnDeletedObject of their registries upstream).
    private static readonly string[] ReturnsObject = ["pods", "services", "serviceaccounts"];

    private enum Fate
    {
        Removed,
        Marked,
        Refused,
    }

    public async Task<Answer> DeleteAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var (options, refusal) = await ReadOptionsAsync(request, cancellationToken);
        if (refusal is not null)
        {
            return Answer.Refuse(refusal);
        }

        var (fate, stored, problem) = await TryDeleteAsync(request, request.Key, options, cancellationToken);
        return fate switch
        {
            Fate.Refused => Answer.Refuse(problem!),
            Fate.Marked => reader.Show(request, stored!),
            _ when ReturnsObject.Contains(request.Kind.GroupResource) => reader.Show(request, stored!),
            _ => Answer.Success(new()
            {
                Name = request.Name,
                Group = request.Kind.Group.Length == 0 ? null : request.Kind.Group,
                Kind = request.Kind.Plural,
                Uid = RawJson.Text(stored!.Json, "metadata", "uid"),
            }),
        };
    }

    /// <summary>Null when the object goes or is gone; else why it stays.</summary>
    public async Task<Status?> TryDeleteAsync(ResourceRequest request, DeleteOptions options, CancellationToken cancellationToken)
    {
        var (fate, _, problem) = await TryDeleteAsync(request, request.Key, options, cancellationToken);
        return fate == Fate.Refused ? problem : null;
    }

    public async Task<Answer> DeleteCollectionAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var (options, refusal) = await ReadOptionsAsync(request, cancellationToken);
        if (refusal is not null || !ObjectSelector.TryRead(request, out var selector, out refusal))
        {
            return Answer.Refuse(refusal!);
        }

        var listing = store.List(request.Kind.GroupResource)!;
        var chosen = listing.In(request.Namespace).Where(selector.Matches).ToList();
        var answers = await Task.WhenAll(chosen.Select(item => TryDeleteAsync(request, item.Key, options, cancellationToken)));
        foreach (var (fate, _, problem) in answers)
        {
            if (fate == Fate.Refused && problem!.Reason != StatusReasons.NotFound)
            {
                return Answer.Refuse(problem);
            }
        }

        return new ListAnswer(
            request.Kind.ApiVersion, $"{request.Kind.Kind}List", new(listing.Revision, chosen, "", null), static item => item.Json);
    }

    private static async Task<(DeleteOptions Options, Status? Refusal)> ReadOptionsAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken);
        return body.Refusal is not null ? (new(), body.Refusal) : DeleteOptions.Read(body.Node, request.Context.Request);
    }

    private static Status? CheckPreconditions(ResourceRequest request, StoredObject stored, JsonObject item, DeleteOptions options)
    {
        if (options.Uid is { } uid && uid != item.Text("metadata", "uid"))
        {
            return Refusal.Conflict(
                request.Kind, stored.Key.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {item.Text("metadata", "uid")}");
        }

        return options.ResourceVersion is { } version && version != stored.Revision.ToString(CultureInfo.InvariantCulture)
            ? Refusal.Conflict(
                request.Kind,
                stored.Key.Name,
                $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {stored.Revision}")
            : null;
    }

    private static long GracePeriod(ResourceRequest request, JsonObject item, DeleteOptions options)
    {
        if (request.Kind.GroupResource != "pods" || item.Text("spec", "nodeName") is null || item.Text("status", "phase") is "Succeeded" or "Failed")
        {
            return 0;
        }

        return options.GracePeriodSeconds ?? item.Number("spec", "terminationGracePeriodSeconds") ?? DefaultGracePeriod;
    }

    private static void SetPropagation(JsonObject item, string? policy)
    {
        var finalizer = policy switch
        {
            "Foreground" => "foregroundDeletion",
            "Orphan" => "orphan",
            _ => null,
        };
        if (finalizer is null || item.Texts("metadata", "finalizers").Contains(finalizer))
        {
            return;
        }

        var metadata = item.Metadata();
        if (metadata["finalizers"] is not JsonArray finalizers)
        {
            metadata["finalizers"] = finalizers = [];
        }

        finalizers.Add((JsonNode)finalizer);
    }

    private async Task<(Fate Fate, StoredObject? Stored, Status? Refusal)> TryDeleteAsync(
        ResourceRequest request, StoreKey key, DeleteOptions options, CancellationToken cancellationToken)
    {
        if (NamespaceLifecycle.CheckDelete(request, key.Name) is { } forbidden)
        {
            return (Fate.Refused, null, forbidden);
        }

        using var gate = await gates.EnterAsync(key, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            if (store.Get(key) is not { } stored)
            {
                return (Fate.Refused, null, Refusal.NotFound(request.Kind, key.Name));
            }

            var item = stored.Parse();
            if (CheckPreconditions(request, stored, item, options) is { } conflict)
            {
                return (Fate.Refused, null, conflict);
            }

            if (!Mark(request, item, options))
            {
                return (Fate.Marked, stored, null);
            }

            var isFinished = ObjectUpdater.IsFinished(request, item);
            if (options.DryRun)
            {
                return (isFinished ? Fate.Removed : Fate.Marked, stored, null);
            }

            var result = await store.WriteAsync(new(key, stored.Revision, item, isFinished));
            if (result.Outcome == StoreOutcome.Done)
            {
                if (isFinished)
                {
                    admission.Removed(request.Kind, item);
                }

                return (isFinished ? Fate.Removed : Fate.Marked, result.Object, null);
            }

            if (result.Outcome == StoreOutcome.Unavailable)
            {
                return (Fate.Refused, null, Refusal.Unavailable(result.Problem!));
            }

            if (attempt == Attempts)
            {
                return (Fate.Refused, null, Refusal.Modified(request.Kind, key.Name));
            }
        }
    }

    /// <summary>Writes into the object that it is to go; false when that says nothing new.</summary>
    private bool Mark(ResourceRequest request, JsonObject item, DeleteOptions options)
    {
        var metadata = item.Metadata();
        var grace = GracePeriod(request, item, options);
        if (SystemMetadata.IsDeleting(item))
        {
            // A second delete may only shorten the time.
            var current = metadata.Number("deletionGracePeriodSeconds") ?? 0;
            if (options.GracePeriodSeconds is null || grace >= current)
            {
                return ObjectUpdater.IsFinished(request, item);
            }

            var began = DateTimeOffset.Parse(metadata.Text("deletionTimestamp")!, CultureInfo.InvariantCulture).AddSeconds(-current);
            metadata["deletionTimestamp"] = TimeConverter.Format(began.AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
            return true;
        }

        metadata["deletionTimestamp"] = TimeConverter.Format(time.GetUtcNow().AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (metadata.Number("generation") is { } generation)
        {
            metadata["generation"] = generation + 1;
        }

        SetPropagation(item, options.PropagationPolicy);
        if (request.Kind.GroupResource == "namespaces")
        {
            item.Child("status")["phase"] = "Terminating";
        }

        return true;
    }
}
