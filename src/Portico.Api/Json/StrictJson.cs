using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portico.Api.Json;

/// <summary>Reads a request body into nodes and notes the fields that stand there twice, which the last one wins.</summary>
public static class StrictJson
{
    /// <summary>Deeper than any real object; bounds recursion on hostile input.</summary>
    public const int MaxDepth = 200;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>False with an error when the text is no JSON, or has more than one value.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="node">What was read; null also for the JSON literal null.</param>
    /// <param name="duplicates">Paths of fields that are there more than once, as <c>metadata.labels.app</c>.</param>
    /// <param name="error">Why nothing was read, with line and position.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8, out JsonNode? node, out IReadOnlyList<string> duplicates, out string? error)
    {
        node = null;
        error = null;
        var found = new List<string>();
        duplicates = found;
        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            reader.Read();
            node = Value(ref reader, "", found);
            if (reader.Read())
            {
                error = "there is something after the end of the object";
                return false;
            }

            return true;
        }
        catch (JsonException problem)
        {
            node = null;
            error = problem.Message;
            return false;
        }
        catch (InvalidOperationException problem)
        {
            // A text with half of a surrogate pair.
            node = null;
            error = problem.Message;
            return false;
        }
    }

    private static JsonNode? Value(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject: return Object(ref reader, path, duplicates);
            case JsonTokenType.StartArray: return Array(ref reader, path, duplicates);
            case JsonTokenType.String: return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number: return Number(ref reader);
            case JsonTokenType.True: return JsonValue.Create(true);
            case JsonTokenType.False: return JsonValue.Create(false);
            default: return null;
        }
    }

    private static JsonObject Object(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        var item = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var where = path.Length == 0 ? name : $"{path}.{name}";
            reader.Read();
            if (item.ContainsKey(name))
            {
                duplicates.Add(where);
            }

            item[name] = Value(ref reader, where, duplicates);
        }

        return item;
    }

    private static JsonArray Array(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        var list = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            list.Add(Value(ref reader, $"{path}[{list.Count.ToString(CultureInfo.InvariantCulture)}]", duplicates));
        }

        return list;
    }

    private static JsonValue Number(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var integer))
        {
            return JsonValue.Create(integer);
        }

        // Kept as written: a quantity such as 0.1 must not become a binary fraction.
        return JsonValue.Create(JsonElement.ParseValue(ref reader))!;
    }
}
