namespace Portico.Server.Requests;

/// <summary>The parts of a resource's URL path.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Namespace">Empty for cluster-scoped resources and for all namespaces.</param>
/// <param name="Resource">Plural; empty when the path ends at the version.</param>
/// <param name="Name">Empty for the collection.</param>
/// <param name="Subresource">Empty for the object itself.</param>
internal readonly record struct RequestPath(string Group, string Version, string Namespace, string Resource, string Name, string Subresource)
{
    /// <summary>Reads <c>/api/v1/…</c> and <c>/apis/GROUP/VERSION/…</c>; false for every other path.</summary>
    /// <param name="path">Decoded, as Kestrel gives it.</param>
    public static bool TryParse(string path, out RequestPath parsed)
    {
        parsed = default;
        var parts = path.Split('/', StringSplitOptions.None);
        // "/api/v1/pods" begins with an empty part.
        var at = parts switch
        {
            ["", "api", _, ..] => 2,
            ["", "apis", _, _, ..] => 3,
            _ => 0,
        };
        if (at == 0)
        {
            return false;
        }

        var (group, version) = at == 2 ? ("", parts[2]) : (parts[2], parts[3]);
        ReadOnlySpan<string> rest = parts.AsSpan(at + 1);
        if (rest is [.., ""])
        {
            rest = rest[..^1];
        }

        var @namespace = "";
        // "namespaces/x/status" and "namespaces/x/finalize" are subresources of the namespace itself.
        if (rest is ["namespaces", _, _, ..] && rest is not ["namespaces", _, "status" or "finalize"])
        {
            @namespace = rest[1];
            rest = rest[2..];
        }

        if (rest.Length > 3)
        {
            return false;
        }

        parsed = new(
            group, version, @namespace, rest.Length > 0 ? rest[0] : "", rest.Length > 1 ? rest[1] : "", rest.Length > 2 ? rest[2] : "");
        return true;
    }
}
