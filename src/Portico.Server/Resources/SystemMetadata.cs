using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;

namespace Portico.Server.Resources;

/// <summary>The fields of metadata that belong to the server.</summary>
internal static class SystemMetadata
{
    private static readonly string[] Kept = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"];

    /// <summary>Fills in metadata of a new object. The name may stay empty; validation says so.</summary>
    public static Status? ForCreate(ResourceRequest request, JsonObject item, DateTimeOffset now)
    {
        var metadata = item.Metadata();
        if (Place(request, metadata) is { } refusal)
        {
            return refusal;
        }

        if (metadata.Text("resourceVersion") is not null)
        {
            return Refusal.BadRequest("resourceVersion should not be set on objects to be created");
        }

        foreach (var name in (ReadOnlySpan<string>)[.. Kept, "selfLink", "managedFields", "resourceVersion"])
        {
            metadata.Remove(name);
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = TimeConverter.Format(now);
        return null;
    }

    /// <summary>Brings an update's metadata in line with the stored object's.</summary>
    public static Status? ForUpdate(ResourceRequest request, JsonObject item, JsonObject old)
    {
        var metadata = item.Metadata();
        if (Place(request, metadata) is { } refusal)
        {
            return refusal;
        }

        if (metadata.Text("name") is not { } name)
        {
            metadata["name"] = request.Name;
        }
        else if (name != request.Name)
        {
            return Refusal.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Name})");
        }

        if (metadata.Text("uid") is { } uid && uid != old.Text("metadata", "uid"))
        {
            return Refusal.Conflict(
                request.Kind, name: request.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.Text("metadata", "uid")}");
        }

        foreach (var field in Kept)
        {
            if (old.At("metadata", field) is { } value)
            {
                metadata[field] = value.DeepClone();
            }
            else
            {
                metadata.Remove(field);
            }
        }

        metadata.Remove("selfLink");
        metadata.Remove("managedFields");
        return null;
    }

    public static bool IsDeleting(JsonObject item) => item.Text("metadata", "deletionTimestamp") is not null;

    public static bool HasFinalizers(JsonObject item) => !item.At("metadata", "finalizers").IsEmptyList();

    private static Status? Place(ResourceRequest request, JsonObject metadata)
    {
        if (!request.Kind.Namespaced)
        {
            metadata.Remove("namespace");
            return null;
        }

        if (metadata.Text("namespace") is { } @namespace && @namespace != request.Namespace)
        {
            return Refusal.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        metadata["namespace"] = request.Namespace;
        return null;
    }
}
