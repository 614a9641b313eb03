using System.Text.Json.Nodes;
using Portico.Api.Schemas;

namespace Portico.Api.Patches;

/// <summary>Merges one list of a strategic merge patch and puts it in order.</summary>
internal static class MergedList
{
    /// <param name="name">Of the field, for errors.</param>
    /// <param name="current">The object's list, or null.</param>
    /// <param name="patch">The patch's list, or null when it only gives an order.</param>
    /// <param name="order">$setElementOrder: the order of the elements that the patch's author knows.</param>
    /// <param name="field">Null when the schema does not know the field.</param>
    public static JsonArray Merge(string name, JsonArray? current, JsonArray? patch, JsonArray? order, FieldSchema? field)
    {
        var merges = field?.PatchStrategy.HasFlag(PatchStrategy.Merge) == true;
        var before = Take(current);
        if (patch is not null && (!merges || current is null))
        {
            var added = PatchDirective.Clean(patch);
            return merges && order is not null ? Ordered(Take(added), [], order, field!.MergeKey, name) : added;
        }

        if (!merges)
        {
            return new([.. before]);
        }

        var items = new List<JsonNode?>(before);
        if (patch is { Count: > 0 })
        {
            if (field!.MergeKey is { } key)
            {
                Objects(name, items, patch, key, field.Value.Element?.Object);
            }
            else
            {
                Values(items, patch);
            }
        }

        return Ordered(items, before, order ?? patch ?? [], field!.MergeKey, name);
    }

    private static void Values(List<JsonNode?> items, JsonArray patch)
    {
        var seen = new HashSet<string>(items.Select(Text), StringComparer.Ordinal);
        foreach (var value in patch)
        {
            if (seen.Add(Text(value)))
            {
                items.Add(value?.DeepClone());
            }
        }
    }

    private static void Objects(string name, List<JsonNode?> items, JsonArray patch, string key, ObjectSchema? schema)
    {
        var replaces = patch.Any(static item => item is JsonObject change && Directive(change) == PatchDirective.Replace);
        if (replaces)
        {
            items.Clear();
        }

        foreach (var item in patch)
        {
            var change = item as JsonObject ?? throw new PatchException($"{name}: an object with \"{key}\" is expected in the patch");
            switch (Directive(change))
            {
                case PatchDirective.Delete when !replaces:
                    var deleted = Key(change, key, name);
                    items.RemoveAll(other => other is JsonObject map && map.TryGetPropertyValue(key, out var value) && Text(value) == deleted);
                    break;
                case PatchDirective.Merge:
                    throw new PatchException($"{name}: $patch: merge is not for elements of lists");
                case null when replaces:
                    items.Add(PatchDirective.Clean(change));
                    break;
            }
        }

        if (!replaces)
        {
            MergeByKey(name, items, patch, key, schema);
        }
    }

    private static void MergeByKey(string name, List<JsonNode?> items, JsonArray patch, string key, ObjectSchema? schema)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            places.TryAdd(Key(items[i], key, name), i);
        }

        foreach (var item in patch)
        {
            if (item is not JsonObject change || Directive(change) is not null)
            {
                continue;
            }

            var id = Key(change, key, name);
            if (places.TryGetValue(id, out var at))
            {
                items[at] = StrategicMergePatch.Merge((JsonObject)items[at]!, change, schema);
            }
            else
            {
                places[id] = items.Count;
                items.Add(PatchDirective.Clean(change));
            }
        }
    }

    /// <summary>
    /// The patch's author's elements stand in the author's order, the others in the server's; between the two groups the server's
    /// order decides where it knows both.
    /// </summary>
    private static JsonArray Ordered(List<JsonNode?> items, List<JsonNode?> before, JsonArray order, string? key, string name)
    {
        var wanted = Places(order, key, name);
        var server = Places(before, key, name);
        var mine = new List<JsonNode?>();
        var theirs = new List<JsonNode?>();
        foreach (var item in items)
        {
            (wanted.ContainsKey(Id(item, key, name)) ? mine : theirs).Add(item);
        }

        var sorted = mine.OrderBy(item => wanted[Id(item, key, name)]).ToList();
        var result = new JsonArray();
        var left = 0;
        foreach (var item in sorted)
        {
            while (left < theirs.Count
                && server.TryGetValue(Id(theirs[left], key, name), out var first)
                && server.TryGetValue(Id(item, key, name), out var second)
                && first < second)
            {
                result.Add(theirs[left++]);
            }

            result.Add(item);
        }

        while (left < theirs.Count)
        {
            result.Add(theirs[left++]);
        }

        return result;
    }

    private static Dictionary<string, int> Places(IEnumerable<JsonNode?> items, string? key, string name)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            // A directive such as {"$patch": "replace"} is no element.
            if (item is not JsonObject map || !map.ContainsKey(PatchDirective.Name))
            {
                places.TryAdd(Id(item, key, name), places.Count);
            }
        }

        return places;
    }

    /// <summary>Takes the elements out of their list, so that they can be put into another.</summary>
    private static List<JsonNode?> Take(JsonArray? list)
    {
        var items = new List<JsonNode?>(list ?? []);
        list?.Clear();
        return items;
    }

    private static string? Directive(JsonObject change) =>
        change.TryGetPropertyValue(PatchDirective.Name, out var directive) ? PatchDirective.Read(directive) : null;

    private static string Id(JsonNode? item, string? key, string name) => key is null ? Text(item) : Key(item, key, name);

    private static string Key(JsonNode? item, string key, string name) =>
        item is JsonObject map && map.TryGetPropertyValue(key, out var value)
            ? Text(value)
            : throw new PatchException($"{name}: an element has no \"{key}\", which tells the elements apart");

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";
}
