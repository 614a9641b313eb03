using System.Text.Json.Nodes;
using Portico.Api.Schemas;

namespace Portico.Cli.Manifests;

/// <summary>
/// The strategic merge patch of a three-way apply: everything that is wanted, and the removal of what was applied last time and is wanted no more.
/// What others set on the object stays.
/// </summary>
internal static class ApplyPatch
{
    public static JsonObject Compute(JsonObject last, JsonObject wanted, ObjectSchema schema)
    {
        var patch = wanted.DeepClone().AsObject();
        Remove(patch, last, schema);
        return patch;
    }

    private static void Remove(JsonObject patch, JsonObject last, ObjectSchema? schema)
    {
        foreach (var (name, before) in last)
        {
            var field = schema?.Field(name);
            switch (patch[name], before)
            {
                case (null, _):
                    patch[name] = null;
                    break;
                case (JsonObject now, JsonObject was):
                    Remove(now, was, field?.Value.Object);
                    break;
                case (JsonArray now, JsonArray was) when field?.MergeKey is { } key:
                    RemoveItems(now, was, key, field.Value.Element?.Object);
                    break;
            }
        }
    }

    private static void RemoveItems(JsonArray now, JsonArray was, string key, ObjectSchema? schema)
    {
        foreach (var before in was.OfType<JsonObject>())
        {
            var same = now.OfType<JsonObject>().FirstOrDefault(item => JsonNode.DeepEquals(item[key], before[key]));
            if (same is null)
            {
                now.Add((JsonNode)new JsonObject { ["$patch"] = "delete", [key] = before[key]?.DeepClone() });
            }
            else
            {
                Remove(same, before, schema);
            }
        }
    }
}
