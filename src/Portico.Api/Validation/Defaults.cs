using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>Fills in what is absent. A null counts as absent, as everywhere in the API.</summary>
internal static class Defaults
{
    public static void Set(this JsonObject item, string name, JsonNode value)
    {
        if (item[name] is null)
        {
            item[name] = value;
        }
    }

    /// <summary>The object under a name, made when it is absent; null when something else is there.</summary>
    public static JsonObject? Child(this JsonObject item, string name)
    {
        if (item[name] is null)
        {
            item[name] = new JsonObject();
        }

        return item[name] as JsonObject;
    }

    /// <summary>The objects in the list under a name; nothing when there is none.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonObject item, string name)
    {
        foreach (var element in item[name] as JsonArray ?? [])
        {
            if (element is JsonObject child)
            {
                yield return child;
            }
        }
    }
}
