using System.Text.Json.Nodes;
using Portico.Api.Statuses;
using Portico.Api.Validation;
using Portico.Server.Admission;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>Changes a stored object: reads it, lets the request change a copy, checks that, and writes it if nobody else wrote meanwhile.</summary>
internal sealed class ObjectUpdater(IObjectStore store, AdmissionChain admission, KeyGates gates)
{
    // As upstream's MaxRetryWhenPatchConflicts.
    private const int Attempts = 5;

    /// <summary>The new object, or the reason why there is none. May be called again after somebody else wrote.</summary>
    /// <param name="current">The stored object, to be read only.</param>
    public delegate (JsonObject? Candidate, Status? Refusal) Change(JsonObject current);

    public async Task<(StoredObject? Stored, Status? Refusal)> UpdateAsync(ResourceRequest request, Change change, CancellationToken cancellationToken)
    {
        using var gate = await gates.EnterAsync(request.Key, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            if (store.Get(request.Key) is not { } stored)
            {
                return (null, Refusal.NotFound(request.Kind, request.Name));
            }

            var old = stored.Parse();
            var (candidate, refusal) = change(old);
            if (candidate is null)
            {
                return (null, refusal);
            }

            var (outcome, result) = await TryAsync(request, stored, old, candidate);
            if (outcome != StoreOutcome.Conflict || attempt == Attempts)
            {
                return outcome == StoreOutcome.Conflict ? (null, Refusal.Modified(request.Kind, request.Name)) : result;
            }
        }
    }

    /// <summary>The write of an object that its deletion waits for no longer is its removal.</summary>
    public static bool IsFinished(ResourceRequest request, JsonObject item) =>
        SystemMetadata.IsDeleting(item)
        && !SystemMetadata.HasFinalizers(item)
        && (item.Number("metadata", "deletionGracePeriodSeconds") ?? 0) == 0
        && (request.Kind.GroupResource != "namespaces" || item.At("spec", "finalizers").IsEmptyList());

    private static Status? Prepare(ResourceRequest request, StoredObject stored, JsonObject candidate, JsonObject old)
    {
        // The server's own changes (deletion) begin at the copy and carry its version.
        if (candidate.Text("metadata", "resourceVersion") is { } version && version != old.Text("metadata", "resourceVersion"))
        {
            return Refusal.Modified(request.Kind, request.Name);
        }

        if (SystemMetadata.ForUpdate(request, candidate, old) is { } refusal)
        {
            return refusal;
        }

        switch (request.Subresource)
        {
            case "status":
                KindRules.PrepareForStatusUpdate(request.Kind, candidate, old);
                break;
            case "binding":
                // Placing a pod sets its spec and a condition together.
                break;
            default:
                KindRules.PrepareForUpdate(request.Kind, candidate, old);
                break;
        }

        candidate.Metadata()["resourceVersion"] = stored.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return null;
    }

    private async Task<(StoreOutcome Outcome, (StoredObject?, Status?) Result)> TryAsync(
        ResourceRequest request, StoredObject stored, JsonObject old, JsonObject candidate)
    {
        if (Prepare(request, stored, candidate, old) is { } refusal)
        {
            return (StoreOutcome.Done, (null, refusal));
        }

        var write = new AdmissionWrite(request, candidate, old);
        var done = false;
        try
        {
            if (admission.Admit(write) is { } denied)
            {
                return (StoreOutcome.Done, (null, denied));
            }

            if (ObjectRules.Validate(request.Kind, candidate, old) is { Count: > 0 } causes)
            {
                return (StoreOutcome.Done, (null, Refusal.Invalid(request.Kind, request.Name, causes)));
            }

            if (JsonNode.DeepEquals(candidate, old))
            {
                return (StoreOutcome.Done, (stored, null));
            }

            if (request.Query.DryRun)
            {
                return (StoreOutcome.Done, (new StoredObject(stored.Key, stored.Revision, RawJson.Bytes(candidate)), null));
            }

            var result = await store.WriteAsync(new(stored.Key, stored.Revision, candidate, IsFinished(request, candidate)));
            done = result.Outcome == StoreOutcome.Done;
            if (done && IsFinished(request, candidate))
            {
                admission.Removed(request.Kind, candidate);
            }

            return (result.Outcome, result.Outcome switch
            {
                StoreOutcome.Done => (result.Object, null),
                StoreOutcome.Unavailable => (null, Refusal.Unavailable(result.Problem!)),
                _ => (null, Refusal.NotFound(request.Kind, request.Name)),
            });
        }
        finally
        {
            write.Settle(done);
        }
    }
}
