using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Portico.Controllers.Patches;

/// <summary>JSON merge patches (RFC 7396) from what is to what should be.</summary>
internal static class MergePatch
{
    /// <summary>Null when nothing changed.</summary>
    public static JsonObject? Diff<T>(T before, T after, JsonTypeInfo<T> type) =>
        Diff(JsonSerializer.SerializeToNode(before, type) as JsonObject ?? [], JsonSerializer.SerializeToNode(after, type) as JsonObject ?? []);

    /// <summary>Null when nothing changed.</summary>
    public static JsonObject? Diff(JsonObject before, JsonObject after)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in before)
        {
            if (!after.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        foreach (var (name, value) in after)
        {
            var old = before[name];
            if (old is JsonObject oldObject && value is JsonObject newObject)
            {
                if (Diff(oldObject, newObject) is { } inner)
                {
                    patch[name] = inner;
                }
            }
            else if (!JsonNode.DeepEquals(old, value))
            {
                patch[name] = value?.DeepClone();
            }
        }

        return patch.Count > 0 ? patch : null;
    }
}
