using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Cli.Manifests;

/// <summary>One document of a manifest file.</summary>
/// <param name="Document">From 1, within the file.</param>
public sealed record Manifest(string File, int Document, ResourceKind Kind, JsonObject Object)
{
    public string Name => Object["metadata"]?["name"]?.GetValue<string>() ?? "";

    /// <summary>Empty for cluster-scoped kinds.</summary>
    public string Namespace => Kind.Namespaced ? Object["metadata"]?["namespace"]?.GetValue<string>() ?? "default" : "";

    public ObjectKey Key => new(Namespace, Name);

    /// <summary>As in "deployment shop/web".</summary>
    public override string ToString() => $"{Kind.Singular} {Key}";
}
