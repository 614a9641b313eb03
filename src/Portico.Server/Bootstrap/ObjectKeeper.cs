using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portico.Api.Kinds;
using Portico.Api.Patches;
using Portico.Api.Statuses;
using Portico.Server.Authentication;
using Portico.Server.Requests;
using Portico.Server.Resources;
using Portico.Server.Store;

namespace Portico.Server.Bootstrap;

/// <summary>Writes the server's own objects through the same checks as everybody's.</summary>
internal sealed class ObjectKeeper(IObjectStore store, ObjectCreator creator, ObjectUpdater updater, TimeProvider time)
{
    private static readonly UserInfo Server = new("system:apiserver", [UserGroups.Masters]);

    /// <summary>Makes the object, or brings the given fields of it back. Null when it is as it should be.</summary>
    public async Task<Status?> KeepAsync(ResourceKind kind, JsonObject item, CancellationToken cancellationToken)
    {
        var request = Request(kind, item.Text("metadata", "namespace") ?? "", item.Text("metadata", "name")!);
        if (store.Get(request.Key) is not null)
        {
            return (await updater.UpdateAsync(request, current => (MergePatch.Apply(current, item).Object, null), cancellationToken)).Refusal;
        }

        item["kind"] = kind.Kind;
        item["apiVersion"] = kind.ApiVersion;
        return SystemMetadata.ForCreate(request, item, time.GetUtcNow()) ?? (await creator.CreateAsync(request, item, cancellationToken)).Refusal;
    }

    private static ResourceRequest Request(ResourceKind kind, string @namespace, string name) =>
        new(new DefaultHttpContext(), kind, @namespace, name, "", new(), ObjectForm.Whole, Server);
}
