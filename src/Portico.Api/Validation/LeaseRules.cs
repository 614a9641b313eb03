using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>coordination/v1 Lease.</summary>
internal sealed class LeaseRules : IObjectRules
{
    public void Default(JsonObject item)
    {
        // Upstream has none.
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var spec = item["spec"];
        Checks.Positive(spec["leaseDurationSeconds"], problems);
        Checks.NonNegative(spec["leaseTransitions"], problems);
        if (spec["preferredHolder"].IsSet && spec["strategy"].IsEmpty)
        {
            problems.Forbidden(spec["preferredHolder"].Path, "can only be specified when strategy is set");
        }
    }
}
