using Portico.Api.Kinds;

namespace Portico.Testing.ApiServers;

/// <summary>What a URL path of the API names.</summary>
internal sealed record FakePath(ResourceKind Kind, string Namespace, string? Name, string? Subresource)
{
    public ObjectKey Key => new(Namespace, Name ?? "");

    public static bool TryParse(string path, out FakePath parsed)
    {
        parsed = null!;
        var parts = path.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToList();
        if (parts is not (["api", _, ..] or ["apis", _, _, ..]))
        {
            return false;
        }

        var group = parts[0] == "api" ? "" : parts[1];
        parts.RemoveRange(0, group.Length == 0 ? 2 : 3);
        var scope = "";
        // /namespaces/x alone, and its subresources, are of the namespace itself.
        if (parts is ["namespaces", _, not ("finalize" or "status"), ..])
        {
            scope = parts[1];
            parts.RemoveRange(0, 2);
        }

        var kind = KnownKinds.All.FirstOrDefault(kind => kind.Group == group && parts.Count > 0 && kind.Plural == parts[0]);
        if (kind is null)
        {
            return false;
        }

        parsed = new(kind, scope, parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2));
        return true;
    }
}
