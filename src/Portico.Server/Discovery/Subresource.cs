using Portico.Api.Kinds;

namespace Portico.Server.Discovery;

/// <summary>Something that is served under an object or on its own without being stored.</summary>
/// <param name="Group">Group, version and kind of the body.</param>
internal sealed record Subresource(string Name, string Group, string Version, string Kind, IReadOnlyList<string> Verbs)
{
    private static readonly string[] Change = ["get", "patch", "update"];

    /// <summary>The subresources of a kind, in the order of discovery.</summary>
    public static IEnumerable<Subresource> Of(ResourceKind kind)
    {
        switch (kind.GroupResource)
        {
            case "namespaces":
                yield return new("finalize", "", "v1", "Namespace", ["update"]);
                break;
            case "pods":
                yield return new("binding", "", "v1", "Binding", ["create"]);
                yield return new("eviction", "policy", "v1", "Eviction", ["create"]);
                yield return new("log", "", "v1", "Pod", ["get"]);
                break;
            case "serviceaccounts":
                yield return new("token", "authentication.k8s.io", "v1", "TokenRequest", ["create"]);
                break;
        }

        if (kind.HasScale)
        {
            yield return new("scale", "autoscaling", "v1", "Scale", Change);
        }

        if (kind.HasStatus)
        {
            yield return new("status", kind.Group, kind.Version, kind.Kind, Change);
        }
    }
}
