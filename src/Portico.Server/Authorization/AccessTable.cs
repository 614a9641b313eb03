using Portico.Server.Authentication;

namespace Portico.Server.Authorization;

/// <summary>Who may do what: the table of docs/architecture.md, "API group of a client certificate or token".</summary>
internal static class AccessTable
{
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Write = ["create", "update", "patch", "delete"];
    private static readonly string[] Change = ["update", "patch"];

    private static readonly IReadOnlyList<AccessRule> Masters =
    [
        new(["*"], ["*"], ["*"]) { Paths = ["*"] },
    ];

    private static readonly IReadOnlyList<AccessRule> Nodes =
    [
        new(Read, ["*"], ["*"]),
        new(Write, [""], ["nodes", "nodes/status"]),
        new(Change, [""], ["pods/status", "services/status"]),
        new(["delete"], [""], ["pods"]) { OwnOnly = true },
        new(Write, [""], ["events"]),
        new(Write, ["coordination.k8s.io"], ["leases"]),
        new(["create"], [""], ["serviceaccounts/token"]),
    ];

    private static readonly IReadOnlyList<AccessRule> System =
    [
        new(Read, [""], ["services", "secrets", "nodes"]),
        new(Read, ["discovery.k8s.io"], ["endpointslices"]),
        new(Read, ["networking.k8s.io"], ["ingresses", "ingressclasses"]),
        new(Change, ["networking.k8s.io"], ["ingresses/status"]),
        new(Write, [""], ["events"]),
        new([.. Read, .. Write], ["coordination.k8s.io"], ["leases"]),
    ];

    private static readonly IReadOnlyList<AccessRule> Everybody =
    [
        new(["get"], [], []) { Paths = ["/api", "/api/*", "/apis", "/apis/*", "/openapi/*", "/version", "/version/", "/healthz", "/livez", "/readyz"] },
        new(["create"], ["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
        new(["create"], ["authentication.k8s.io"], ["selfsubjectreviews"]),
    ];

    public static IEnumerable<AccessRule> RulesOf(UserInfo user)
    {
        var rules = user.IsIn(UserGroups.Authenticated) ? Everybody : [];
        return (user.IsIn(UserGroups.Masters), user.IsIn(UserGroups.Nodes), user.IsIn(UserGroups.ServiceAccountsOf("portico-system"))) switch
        {
            (true, _, _) => Masters,
            (_, true, _) => [.. rules, .. Nodes],
            (_, _, true) => [.. rules, .. System],
            _ => rules,
        };
    }
}
