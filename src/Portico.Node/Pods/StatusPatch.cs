using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Objects;

namespace Portico.Node.Pods;

/// <summary>The strategic merge patch between two statuses: only the fields and conditions that changed.</summary>
internal static class StatusPatch
{
    /// <summary>Null: nothing changed. Conditions that only <paramref name="before"/> has are someone else's, and stay.</summary>
    public static JsonObject? Compile(PodStatus before, PodStatus after)
    {
        var (old, fresh) = (Json(before), Json(after));
        var patch = new JsonObject();
        foreach (var (name, value) in fresh)
        {
            var known = old[name];
            if (JsonNode.DeepEquals(known, value))
            {
                continue;
            }

            if (name == "conditions")
            {
                var changed = Changed(known as JsonArray ?? [], value!.AsArray());
                if (changed.Count > 0)
                {
                    patch[name] = changed;
                }
            }
            else
            {
                patch[name] = value?.DeepClone();
            }
        }

        foreach (var (name, _) in old)
        {
            if (!fresh.ContainsKey(name) && name is "podIP" or "podIPs" or "reason" or "message")
            {
                patch[name] = null;
            }
        }

        return patch.Count == 0 ? null : patch;
    }

    private static JsonArray Changed(JsonArray before, JsonArray after)
    {
        var changed = new JsonArray();
        foreach (var condition in after)
        {
            var type = condition!["type"]!.GetValue<string>();
            if (!before.Any(known => known?["type"]?.GetValue<string>() == type && JsonNode.DeepEquals(known, condition)))
            {
                changed.Add((JsonNode)Complete(condition.AsObject()));
            }
        }

        return changed;
    }

    // A merge keeps what the patch does not name: the reason of an earlier failure would stay on a condition that is true again.
    private static JsonObject Complete(JsonObject condition)
    {
        var complete = condition.DeepClone().AsObject();
        complete.TryAdd("reason", null);
        complete.TryAdd("message", null);
        return complete;
    }

    private static JsonObject Json(PodStatus status) => JsonSerializer.SerializeToNode(status, ApiJson.TypeInfo<PodStatus>())!.AsObject();
}
