namespace Portico.Api.Kinds;

/// <summary>One resource of the API: where it is served and what it is called.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Plural">Name in the URL, as "endpointslices".</param>
public sealed record ResourceKind(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    public string Singular { get; init; } = Kind.ToLowerInvariant();

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Groups that <c>kubectl get</c> expands, such as "all".</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>A status subresource is served, and ordinary writes leave status alone.</summary>
    public bool HasStatus { get; init; }

    /// <summary>A scale subresource is served.</summary>
    public bool HasScale { get; init; }

    /// <summary>"v1" or "apps/v1".</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>"pods" or "deployments.apps": how errors name the resource.</summary>
    public string GroupResource => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>URL path of a collection, or of one object when <paramref name="name"/> is given. An empty namespace means all of them.</summary>
    public string Path(string @namespace, string? name = null, string? subresource = null)
    {
        var path = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        if (Namespaced && @namespace.Length > 0)
        {
            path += $"/namespaces/{Uri.EscapeDataString(@namespace)}";
        }

        path += $"/{Plural}";
        if (name is not null)
        {
            path += $"/{Uri.EscapeDataString(name)}";
        }

        return subresource is null ? path : $"{path}/{subresource}";
    }

    public override string ToString() => $"{ApiVersion} {Kind}";
}
