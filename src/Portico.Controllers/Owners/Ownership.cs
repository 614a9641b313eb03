using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Requests;
using Portico.Controllers.Caches;

namespace Portico.Controllers.Owners;

/// <summary>Writes owner references.</summary>
internal static class Ownership
{
    public static OwnerReference ControllerOf(IObject owner) => new()
    {
        ApiVersion = owner.ApiVersion,
        Kind = owner.Kind,
        Name = owner.Metadata.Name,
        Uid = owner.Metadata.Uid ?? "",
        Controller = true,
        BlockOwnerDeletion = true,
    };

    public static JsonNode ToJson(OwnerReference reference) => JsonSerializer.SerializeToNode(reference, ApiJson.TypeInfo<OwnerReference>())!;

    /// <summary>Adopts and releases what <paramref name="claims"/> says, and returns everything that is owned then.</summary>
    public static async Task<IReadOnlyList<T>> ApplyAsync<T, TOwner>(
        this Claims<T> claims,
        TOwner owner,
        ResourceKind<TOwner> ownerKind,
        ResourceKind<T> kind,
        ReadYourWrites<T> writes,
        KubernetesClient client,
        CancellationToken cancellationToken)
        where T : class, IObject
        where TOwner : class, IObject
    {
        var owned = new List<T>(claims.Owned);
        foreach (var item in claims.Release)
        {
            var rest = item.Metadata.OwnerReferences.Where(reference => reference.Uid != owner.Metadata.Uid);
            await WriteAsync(item, rest, kind, writes, client, cancellationToken);
        }

        if (claims.Adopt.Count > 0 && await IsThereAsync(owner, ownerKind, client, cancellationToken))
        {
            foreach (var item in claims.Adopt)
            {
                var all = item.Metadata.OwnerReferences.Append(ControllerOf(owner));
                if (await WriteAsync(item, all, kind, writes, client, cancellationToken) is { } adopted)
                {
                    owned.Add(adopted);
                }
            }
        }

        return owned;
    }

    // The cache may not know yet that the owner is gone; what it adopts then would be collected with it.
    private static async Task<bool> IsThereAsync<TOwner>(
        TOwner owner, ResourceKind<TOwner> kind, KubernetesClient client, CancellationToken cancellationToken)
        where TOwner : class, IObject
    {
        var found = await client.GetAsync(kind, ObjectKey.Of(owner), cancellationToken);
        return found.Value?.Metadata is { DeletionTimestamp: null } meta && meta.Uid == owner.Metadata.Uid;
    }

    private static async Task<T?> WriteAsync<T>(
        T item, IEnumerable<OwnerReference> references, ResourceKind<T> kind, ReadYourWrites<T> writes, KubernetesClient client, CancellationToken cancellationToken)
        where T : class, IObject
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = item.Metadata.ResourceVersion,
                ["ownerReferences"] = new JsonArray([.. references.Select(ToJson)]),
            },
        };
        var patched = await client.PatchAsync(kind, ObjectKey.Of(item), PatchType.Merge, patch, null, cancellationToken);
        if (patched.IsNotFound)
        {
            return null;
        }

        var written = patched.OrThrow();
        writes.Wrote(written);
        return written;
    }
}
