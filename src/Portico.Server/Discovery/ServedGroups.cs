using Portico.Api.Kinds;

namespace Portico.Server.Discovery;

/// <summary>Everything that the server serves, by group and version.</summary>
internal static class ServedGroups
{
    /// <summary>Kinds that are only asked, never stored.</summary>
    public static readonly IReadOnlyList<ResourceKind> Reviews =
    [
        new("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", false),
        new("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", false),
        new("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false),
        new("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", false),
        new("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", false),
        new("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", true),
    ];

    public static readonly IReadOnlyList<ResourceKind> All = [.. KnownKinds.All, .. Reviews];

    /// <summary>Groups in the order of discovery; each has one version.</summary>
    public static readonly IReadOnlyList<(string Group, string Version)> Groups = [.. All.Select(static kind => (kind.Group, kind.Version)).Distinct()];

    public static readonly IReadOnlyList<string> StoredVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public static readonly IReadOnlyList<string> ReviewVerbs = ["create"];

    public static ResourceKind? Find(string group, string version, string plural)
    {
        foreach (var kind in All)
        {
            if (kind.Plural == plural && kind.Group == group && kind.Version == version)
            {
                return kind;
            }
        }

        return null;
    }

    public static bool IsReview(ResourceKind kind) => Reviews.Contains(kind);

    public static IReadOnlyList<string> VerbsOf(ResourceKind kind) => IsReview(kind) ? ReviewVerbs : StoredVerbs;
}
