namespace Portico.Server.Authorization;

/// <summary>Something that a group may do. "*" means all.</summary>
/// <param name="Resources">With their subresource, as "pods/status".</param>
internal sealed record AccessRule(IReadOnlyList<string> Verbs, IReadOnlyList<string> Groups, IReadOnlyList<string> Resources)
{
    /// <summary>Paths outside of resources; one that ends in "*" is a prefix.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Only objects that belong to the node that asks.</summary>
    public bool OwnOnly { get; init; }

    public bool Allows(AccessRequest request)
    {
        if (!Has(Verbs, request.Verb))
        {
            return false;
        }

        if (request.Path.Length > 0)
        {
            return Paths.Any(path => path.EndsWith('*') ? request.Path.StartsWith(path[..^1], StringComparison.Ordinal) : path == request.Path);
        }

        var resource = request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}";
        return Has(Groups, request.Group) && Has(Resources, resource);
    }

    private static bool Has(IReadOnlyList<string> list, string value)
    {
        foreach (var item in list)
        {
            if (item == "*" || item == value)
            {
                return true;
            }
        }

        return false;
    }
}
