using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portico.Api.Json;

/// <summary>Reads plain JSON values whatever stands behind the node: a parsed element or a number of any CLR type.</summary>
public static class JsonScalars
{
    /// <summary>False also for a number with a fraction or an exponent that leaves the range.</summary>
    public static bool TryInteger(JsonNode? node, out long value)
    {
        value = 0;
        if (node is not JsonValue plain || plain.GetValueKind() != JsonValueKind.Number)
        {
            return false;
        }

        if (plain.TryGetValue(out value))
        {
            return true;
        }

        if (plain.TryGetValue(out int small))
        {
            value = small;
            return true;
        }

        if (plain.TryGetValue(out double real) && Math.Floor(real) == real && Math.Abs(real) < long.MaxValue)
        {
            value = (long)real;
            return true;
        }

        return false;
    }

    public static bool TryText(JsonNode? node, [NotNullWhen(true)] out string? text)
    {
        text = null;
        return node is JsonValue plain && plain.GetValueKind() == JsonValueKind.String && plain.TryGetValue(out text);
    }

    /// <summary>Null when the node is absent or no boolean.</summary>
    public static bool? Flag(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
