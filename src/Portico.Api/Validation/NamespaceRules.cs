using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>core/v1 Namespace.</summary>
internal sealed class NamespaceRules : IObjectRules
{
    // Lets namespace selectors choose one by name.
    private const string NameLabel = "kubernetes.io/metadata.name";

    public void Default(JsonObject item)
    {
        if (item.Child("metadata") is { } metadata && metadata["name"] is { } name && metadata.Child("labels") is { } labels)
        {
            labels[NameLabel] = name.DeepClone();
        }
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        foreach (var finalizer in item["spec"]["finalizers"].Items)
        {
            Checks.Name(finalizer, problems, Names.Qualified);
        }
    }
}
