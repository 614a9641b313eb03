using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>core/v1 ServiceAccount.</summary>
internal sealed class ServiceAccountRules : IObjectRules
{
    public void Default(JsonObject item)
    {
        // Upstream has none.
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        foreach (var secret in item["imagePullSecrets"].Items)
        {
            Checks.Need(secret["name"], problems);
        }
    }
}
