using System.Text.Json.Nodes;

namespace Portico.Api.Validation.Pods;

/// <summary>core/v1 Pod.</summary>
internal sealed class PodRules : IObjectRules
{
    public void Default(JsonObject item)
    {
        if (item["spec"] is not JsonObject spec)
        {
            return;
        }

        spec.Set("enableServiceLinks", true);
        PodDefaults.Spec(spec);
        PodDefaults.Requests(spec);
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        if (!item["spec"].IsSet)
        {
            problems.Required("spec.containers");
            return;
        }

        PodSpecRules.Validate(item["spec"], problems);
        if (old.IsSet)
        {
            PodUpdateRules.Validate(item["spec"], old["spec"], problems);
        }
        else if (!item["spec"]["ephemeralContainers"].IsEmpty)
        {
            problems.Forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
    }
}
