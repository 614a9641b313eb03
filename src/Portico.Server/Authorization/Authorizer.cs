using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Authentication;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Authorization;

/// <summary>Applies the <see cref="AccessTable"/>.</summary>
internal sealed class Authorizer(IObjectStore store)
{
    public bool IsAllowed(UserInfo user, AccessRequest request)
    {
        foreach (var rule in AccessTable.RulesOf(user))
        {
            if (rule.Allows(request) && (!rule.OwnOnly || IsOwn(user, request)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Null when the user may; else the 403, in upstream's words.</summary>
    public Status? Check(UserInfo user, AccessRequest request) => IsAllowed(user, request) ? null : Refuse(user, request);

    private static Status Refuse(UserInfo user, AccessRequest request)
    {
        if (request.Path.Length > 0)
        {
            return Refusal.Forbidden("", "", $"User \"{user.Name}\" cannot {request.Verb} path \"{request.Path}\"") with
            {
                Message = $"forbidden: User \"{user.Name}\" cannot {request.Verb} path \"{request.Path}\"",
            };
        }

        var resource = request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}";
        var where = request.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        var groupResource = request.Group.Length == 0 ? request.Resource : $"{request.Resource}.{request.Group}";
        return Refusal.Forbidden(
            groupResource,
            request.Name,
            $"User \"{user.Name}\" cannot {request.Verb} resource \"{resource}\" in API group \"{request.Group}\" {where}");
    }

    private bool IsOwn(UserInfo user, AccessRequest request) =>
        user.Name.StartsWith(UserGroups.NodePrefix, StringComparison.Ordinal)
        && store.Get(new(request.Resource, request.Namespace, request.Name)) is { } item
        && item.Parse().Text("spec", "nodeName") == user.Name[UserGroups.NodePrefix.Length..];
}
