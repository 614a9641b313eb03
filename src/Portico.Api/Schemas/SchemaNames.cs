namespace Portico.Api.Schemas;

/// <summary>Upstream's definition names, and the short prefixes that schema files use for them.</summary>
internal static class SchemaNames
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

    /// <summary>Definition package of a group and version: the first label of the group stands for the whole.</summary>
    public static string Package(string group, string version)
    {
        var dot = group.IndexOf('.', StringComparison.Ordinal);
        var name = group.Length == 0 ? "core" : dot < 0 ? group : group[..dot];
        return group == "meta" ? Meta : $"io.k8s.api.{name}.{version}";
    }

    /// <summary>"ServicePort" in its own package, "meta.ObjectMeta" and "core.PodSpec" anywhere.</summary>
    public static string Full(string name, string package)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? $"{package}.{name}" : $"{Package(name[..dot] == "core" ? "" : name[..dot], "v1")}.{name[(dot + 1)..]}";
    }
}
