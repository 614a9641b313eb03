using System.Text.Json.Nodes;
using Portico.Api.Statuses;
using Portico.Api.Validation;
using Portico.Server.Admission;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>Answers create.</summary>
internal sealed class ObjectCreator(
    IObjectStore store, AdmissionChain admission, NamespaceLifecycle lifecycle, KeyGates gates, ObjectReader reader, TimeProvider time)
{
    private const int Attempts = 8;

    public async Task<Answer> CreateAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken);
        var refusal = ObjectDecoder.Check(request, body, out var item) ?? SystemMetadata.ForCreate(request, item, time.GetUtcNow());
        if (refusal is not null)
        {
            return Answer.Refuse(refusal);
        }

        var (stored, problem) = await CreateAsync(request, item, cancellationToken);
        return stored is null ? Answer.Refuse(problem!) : reader.Show(request, stored, 201);
    }

    /// <param name="item">With its system metadata.</param>
    public async Task<(StoredObject? Stored, Status? Refusal)> CreateAsync(ResourceRequest request, JsonObject item, CancellationToken cancellationToken)
    {
        var prefix = item.Text("metadata", "name") is null ? item.Text("metadata", "generateName") : null;
        for (var attempt = 1; ; attempt++)
        {
            var candidate = (JsonObject)item.DeepClone();
            if (prefix is not null)
            {
                candidate.Metadata()["name"] = ObjectNames.Generate(prefix);
            }

            var (stored, refusal) = await TryAsync(request, candidate, cancellationToken);
            if (prefix is null || refusal is not { Reason: StatusReasons.AlreadyExists } || attempt == Attempts)
            {
                return (stored, refusal);
            }
        }
    }

    private async Task<(StoredObject? Stored, Status? Refusal)> TryAsync(ResourceRequest request, JsonObject candidate, CancellationToken cancellationToken)
    {
        var kind = request.Kind;
        var name = candidate.Text("metadata", "name") ?? "";
        if (lifecycle.CheckCreate(request, name) is { } refusal)
        {
            return (null, refusal);
        }

        var key = new StoreKey(kind.GroupResource, request.Namespace, name);
        if (store.Get(key) is not null)
        {
            return (null, Refusal.AlreadyExists(kind, name));
        }

        using var gate = await gates.EnterAsync(key, cancellationToken);
        KindRules.PrepareForCreate(kind, candidate);
        var write = new AdmissionWrite(request, candidate, null);
        var done = false;
        try
        {
            if (admission.Admit(write) is { } denied)
            {
                return (null, denied);
            }

            if (ObjectRules.Validate(kind, candidate, null) is { Count: > 0 } causes)
            {
                return (null, Refusal.Invalid(kind, name, causes));
            }

            if (request.Query.DryRun)
            {
                return (new StoredObject(key, 0, RawJson.Bytes(candidate)), null);
            }

            var result = await store.WriteAsync(new(key, 0, candidate));
            done = result.Outcome == StoreOutcome.Done;
            return result.Outcome switch
            {
                StoreOutcome.Done => (result.Object, null),
                StoreOutcome.Unavailable => (null, Refusal.Unavailable(result.Problem!)),
                _ => (null, Refusal.AlreadyExists(kind, name)),
            };
        }
        finally
        {
            write.Settle(done);
        }
    }
}
