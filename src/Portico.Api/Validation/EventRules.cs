using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>core/v1 Event.</summary>
internal sealed class EventRules : IObjectRules
{
    public void Default(JsonObject item)
    {
        // Upstream has none.
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var @namespace = item["involvedObject"]["namespace"];
        var own = item["metadata"]["namespace"].Text ?? "";

        // Events of cluster-scoped objects live in default.
        var fits = @namespace.IsEmpty ? own is "" or "default" : @namespace.Text == own;
        if (!fits)
        {
            problems.Invalid(@namespace.Path, @namespace.Node ?? JsonValue.Create(""), "does not match event.namespace");
        }
    }
}
