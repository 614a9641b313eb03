using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Schemas;

namespace Portico.Api.Patches;

/// <summary>
/// Strategic merge patch: a merge patch that knows from the schema which lists are merged, and by which key
/// (apimachinery util/strategicpatch). Kinds without a schema are merged as RFC 7396 does.
/// </summary>
public static class StrategicMergePatch
{
    private const string RetainKeys = "$retainKeys";
    private const string DeleteFromList = "$deleteFromPrimitiveList/";
    private const string ElementOrder = "$setElementOrder/";

    public static PatchResult Apply(JsonObject original, JsonObject patch, ObjectSchema schema)
    {
        if (JsonDepth.Exceeds(patch) || JsonDepth.Exceeds(original))
        {
            return JsonDepth.Refused;
        }

        try
        {
            return PatchResult.Ok(Merge((JsonObject)original.DeepClone(), patch, schema));
        }
        catch (PatchException error)
        {
            return PatchResult.Fail(PatchFailure.Malformed, error.Message);
        }
    }

    /// <summary>Merges into <paramref name="original"/>, which is the caller's own copy; the patch is only read.</summary>
    internal static JsonObject Merge(JsonObject original, JsonObject patch, ObjectSchema? schema)
    {
        if (patch.TryGetPropertyValue(PatchDirective.Name, out var directive))
        {
            return PatchDirective.Read(directive) switch
            {
                PatchDirective.Replace => PatchDirective.Strip(patch, PatchDirective.Name),
                PatchDirective.Delete => [],
                _ => throw new PatchException("$patch: merge is not for objects"),
            };
        }

        Retain(original, patch);
        foreach (var (name, value) in patch)
        {
            if (name == RetainKeys)
            {
                continue;
            }

            if (name.StartsWith(ElementOrder, StringComparison.Ordinal))
            {
                var target = name[ElementOrder.Length..];
                MergeList(original, target, patch[target], List(name, value), schema?.Field(target));
            }
            else if (name.StartsWith(DeleteFromList, StringComparison.Ordinal))
            {
                Delete(original, name[DeleteFromList.Length..], List(name, value));
            }
            else if (value is null)
            {
                original.Remove(name);
            }
            else if (value is JsonArray list)
            {
                // With an order for it the list is merged where the order is met.
                if (!patch.ContainsKey(ElementOrder + name))
                {
                    MergeList(original, name, list, null, schema?.Field(name));
                }
            }
            else if (value is JsonObject change && original[name] is JsonObject current)
            {
                original.Remove(name);
                original[name] = Merge(current, change, schema?.Field(name)?.Value.Object);
            }
            else if (value is JsonObject added)
            {
                Set(original, name, PatchDirective.Clean(added));
            }
            else
            {
                original[name] = value.DeepClone();
            }
        }

        return original;
    }

    private static void MergeList(JsonObject original, string name, JsonNode? change, JsonArray? order, FieldSchema? field)
    {
        var current = original[name] as JsonArray;
        var patch = change switch
        {
            null => null,
            JsonArray list => list,
            _ => throw new PatchException($"{name}: the patch has no list where {ElementOrder}{name} expects one"),
        };
        if (patch is null && current is null)
        {
            return;
        }

        original[name] = MergedList.Merge(name, current, patch, order, field);
    }

    private static void Delete(JsonObject original, string name, JsonArray values)
    {
        if (original[name] is not JsonArray list)
        {
            return;
        }

        for (var i = list.Count - 1; i >= 0; i--)
        {
            foreach (var value in values)
            {
                if (JsonNode.DeepEquals(list[i], value))
                {
                    list.RemoveAt(i);
                    break;
                }
            }
        }
    }

    private static void Retain(JsonObject original, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var retain))
        {
            return;
        }

        var keep = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in List(RetainKeys, retain))
        {
            keep.Add(JsonScalars.TryText(item, out var name) ? name : throw new PatchException("$retainKeys must be a list of names"));
        }

        foreach (var (name, value) in patch)
        {
            if (value is not null && !name.StartsWith('$') && !keep.Contains(name))
            {
                throw new PatchException($"{name} is set by the patch but not named in its $retainKeys");
            }
        }

        foreach (var name in original.Select(static pair => pair.Key).Where(name => !keep.Contains(name)).ToList())
        {
            original.Remove(name);
        }
    }

    private static JsonArray List(string name, JsonNode? value) => value as JsonArray ?? throw new PatchException($"{name} must be a list");

    private static void Set(JsonObject original, string name, JsonNode? value)
    {
        if (value is null)
        {
            original.Remove(name);
        }
        else
        {
            original[name] = value;
        }
    }
}
