namespace Portico.Server.Authorization;

/// <summary>What somebody wants to do (authorization.k8s.io ResourceAttributes or NonResourceAttributes).</summary>
internal sealed record AccessRequest
{
    public required string Verb { get; init; }

    public string Group { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Set, and everything but the verb empty, when no resource is meant.</summary>
    public string Path { get; init; } = "";

    /// <summary>"pods/log.apps"-like names of messages: resource, subresource, group.</summary>
    public string GroupResource => (Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}") + (Group.Length == 0 ? "" : $".{Group}");
}
