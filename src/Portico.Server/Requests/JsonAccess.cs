using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portico.Server.Requests;

/// <summary>Reads objects that may hold anything anywhere: a value of another type reads as absent.</summary>
internal static class JsonAccess
{
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            node = (node as JsonObject)?[step];
        }

        return node;
    }

    /// <summary>The text at a path; null when there is none, and when it is empty.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: > 0 } text ? text : null;

    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number && long.TryParse(value.ToJsonString(), out var number)
            ? number
            : null;

    public static bool? Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path)?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    /// <summary>The elements of a list that are objects.</summary>
    public static IEnumerable<JsonObject> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray list ? list.OfType<JsonObject>() : [];

    /// <summary>The elements of a list that are texts.</summary>
    public static IEnumerable<string> Texts(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray list ? list.Select(static item => item.Text()).OfType<string>() : [];

    /// <summary>The object under a name; made, in place of whatever is there, when it is none.</summary>
    public static JsonObject Child(this JsonObject item, string name)
    {
        if (item[name] is JsonObject child)
        {
            return child;
        }

        var made = new JsonObject();
        item[name] = made;
        return made;
    }

    public static JsonObject Metadata(this JsonObject item) => item.Child("metadata");

    public static bool IsEmptyList(this JsonNode? node) => node is not JsonArray { Count: > 0 };
}
