using Portico.Api.Kinds;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Admission;

/// <summary>Nothing is created in a namespace that is not there or is going away; the system's own can't be deleted.</summary>
internal sealed class NamespaceLifecycle(IObjectStore store)
{
    /// <summary>Made at the start and never removed.</summary>
    public static readonly IReadOnlyList<string> System = ["default", "kube-system", "kube-public", "kube-node-lease", "portico-system"];

    private static readonly string[] Immortal = ["default", "kube-system", "kube-public"];

    public Status? CheckCreate(ResourceRequest request, string name)
    {
        if (!request.Kind.Namespaced)
        {
            return null;
        }

        if (store.Get(new("namespaces", "", request.Namespace)) is not { } stored)
        {
            return Refusal.NotFound(KnownKinds.Namespaces.Resource, request.Namespace);
        }

        if (RawJson.Text(stored.Json, "metadata", "deletionTimestamp") is null)
        {
            return null;
        }

        var refusal = Refusal.Forbidden(
            request.Kind.GroupResource, name, $"unable to create new content in namespace {request.Namespace} because it is being terminated");
        return refusal with
        {
            Details = refusal.Details! with
            {
                Causes =
                [
                    new() { Reason = "NamespaceTerminating", Message = $"namespace {request.Namespace} is being terminated", Field = "metadata.namespace" },
                ],
            },
        };
    }

    public static Status? CheckDelete(ResourceRequest request, string name) =>
        request.Kind.GroupResource == "namespaces" && Immortal.Contains(name)
            ? Refusal.Forbidden("namespaces", name, "this namespace may not be deleted")
            : null;
}
