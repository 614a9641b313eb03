using System.Text.Json.Nodes;
using Portico.Api.Json;

namespace Portico.Api.Patches;

/// <summary>The <c>$patch</c> directive and its values.</summary>
internal static class PatchDirective
{
    public const string Name = "$patch";
    public const string Replace = "replace";
    public const string Delete = "delete";
    public const string Merge = "merge";

    public static string Read(JsonNode? value) =>
        JsonScalars.TryText(value, out var text) && text is Replace or Delete or Merge
            ? text
            : throw new PatchException($"unknown $patch directive {value?.ToJsonString() ?? "null"}");

    /// <summary>A copy without one field.</summary>
    public static JsonObject Strip(JsonObject item, string name)
    {
        var copy = (JsonObject)item.DeepClone();
        copy.Remove(name);
        return copy;
    }

    /// <summary>
    /// A patch's value as it is stored where the object has none yet: without nulls and directives. Null when it only says what to delete.
    /// </summary>
    public static JsonObject? Clean(JsonObject patch)
    {
        if (patch.ContainsKey(Name))
        {
            return Read(patch[Name]) == Replace ? Strip(patch, Name) : null;
        }

        var clean = new JsonObject();
        foreach (var (name, value) in patch)
        {
            if (value is null || IsDirective(name))
            {
                continue;
            }

            if (CleanValue(value) is { } kept)
            {
                clean[name] = kept;
            }
        }

        return clean;
    }

    public static JsonArray Clean(JsonArray patch)
    {
        var clean = new JsonArray();
        foreach (var value in patch)
        {
            if (value is null)
            {
                clean.Add(null);
            }
            else if (CleanValue(value) is { } kept)
            {
                clean.Add(kept);
            }
        }

        return clean;
    }

    private static JsonNode? CleanValue(JsonNode value) => value switch
    {
        JsonObject map => Clean(map),
        JsonArray list => Clean(list),
        _ => value.DeepClone(),
    };

    private static bool IsDirective(string name) =>
        name == "$retainKeys"
        || name.StartsWith("$setElementOrder/", StringComparison.Ordinal)
        || name.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal);
}
