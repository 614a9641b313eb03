using System.Text.Json.Nodes;

namespace Portico.Api.Patches;

/// <summary>JSON Merge Patch (RFC 7396): null removes, objects merge, everything else replaces.</summary>
public static class MergePatch
{
    public static PatchResult Apply(JsonObject original, JsonObject patch) =>
        JsonDepth.Exceeds(patch) ? JsonDepth.Refused : PatchResult.Ok(Merge(original, patch));

    /// <summary>The smallest patch that turns <paramref name="from"/> into <paramref name="to"/>; a null inside <paramref name="to"/> counts as absent.</summary>
    public static JsonObject Diff(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (name, value) in from)
        {
            if (value is not null && to[name] is null)
            {
                patch[name] = null;
            }
        }

        foreach (var (name, value) in to)
        {
            if (value is null || JsonNode.DeepEquals(value, from[name]))
            {
                continue;
            }

            patch[name] = value is JsonObject wanted ? Diff(from[name] as JsonObject ?? [], wanted) : value.DeepClone();
        }

        return patch;
    }

    private static JsonObject Merge(JsonObject? original, JsonObject patch)
    {
        var merged = new JsonObject();
        foreach (var (name, value) in original ?? [])
        {
            if (!patch.ContainsKey(name))
            {
                merged[name] = value?.DeepClone();
            }
            else if (patch[name] is { } change)
            {
                merged[name] = Replace(value, change);
            }
        }

        foreach (var (name, value) in patch)
        {
            if (value is not null && original?.ContainsKey(name) != true)
            {
                merged[name] = Replace(null, value);
            }
        }

        return merged;
    }

    private static JsonNode Replace(JsonNode? value, JsonNode change) =>
        change is JsonObject patch ? Merge(value as JsonObject, patch) : change.DeepClone();
}
