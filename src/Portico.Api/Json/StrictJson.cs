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
            node = Value(ref reader, null, found);
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

    private static JsonNode? Value(ref Utf8JsonReader reader, JsonPath? path, List<string> duplicates) => reader.TokenType switch
    {
        JsonTokenType.StartObject => Object(ref reader, path, duplicates),
        JsonTokenType.StartArray => Array(ref reader, path, duplicates),
        JsonTokenType.String => JsonValue.Create(reader.GetString()),
        JsonTokenType.Number => Number(ref reader),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        _ => null,
    };

    private static JsonObject Object(ref Utf8JsonReader reader, JsonPath? path, List<string> duplicates)
    {
        var item = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var container = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            var value = Value(ref reader, container ? new(path, name, -1) : null, duplicates);
            if (!item.TryAdd(name, value))
            {
                duplicates.Add(new JsonPath(path, name, -1).ToString());
                item[name] = value;
            }
        }

        return item;
    }

    private static JsonArray Array(ref Utf8JsonReader reader, JsonPath? path, List<string> duplicates)
    {
        var list = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var container = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            list.Add(Value(ref reader, container ? new(path, null, list.Count) : null, duplicates));
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

    /// <summary>Where the reader is; put into words only for a duplicate.</summary>
    private sealed record JsonPath(JsonPath? Parent, string? Name, int Index)
    {
        public override string ToString() =>
            Name is null ? $"{Parent}[{Index.ToString(CultureInfo.InvariantCulture)}]"
            : Parent is null ? Name
            : $"{Parent}.{Name}";
    }
}
