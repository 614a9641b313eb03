using System.Globalization;
using System.Text.Json.Nodes;

namespace Portico.Api.Patches;

/// <summary>JSON Pointer (RFC 6901) and what JSON Patch does at one. The edits return null or the error.</summary>
internal sealed class JsonPointer
{
    private readonly string[] _steps;

    private JsonPointer(string[] steps) => _steps = steps;

    public int Depth => _steps.Length;

    public static bool TryParse(string text, out JsonPointer pointer)
    {
        pointer = new([]);
        if (text.Length == 0)
        {
            return true;
        }

        if (text[0] != '/')
        {
            return false;
        }

        var steps = text[1..].Split('/');
        for (var i = 0; i < steps.Length; i++)
        {
            // RFC 6901, 4: first ~1, then ~0, so that "~01" is "~1".
            steps[i] = steps[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        pointer = new(steps);
        return true;
    }

    /// <summary>True when the other points below this one.</summary>
    public bool Contains(JsonPointer other) =>
        other._steps.Length > _steps.Length && other._steps.AsSpan(0, _steps.Length).SequenceEqual(_steps);

    public bool TryGet(JsonNode? document, out JsonNode? value) => TryWalk(document, _steps, out value);

    public string? Add(ref JsonNode? document, JsonNode? value)
    {
        if (_steps.Length == 0)
        {
            document = value;
            return null;
        }

        switch (Parent(document))
        {
            case JsonObject map:
                map[_steps[^1]] = value;
                return null;
            case JsonArray list when _steps[^1] == "-":
                list.Add(value);
                return null;
            case JsonArray list when TryIndex(_steps[^1], list.Count + 1, out var index):
                list.Insert(index, value);
                return null;
            case JsonArray list:
                return $"{_steps[^1]} is no index of a list of {list.Count}";
            default:
                return "the parent does not exist";
        }
    }

    public string? Replace(ref JsonNode? document, JsonNode? value)
    {
        if (_steps.Length == 0)
        {
            document = value;
            return null;
        }

        switch (Parent(document))
        {
            case JsonObject map when map.ContainsKey(_steps[^1]):
                map[_steps[^1]] = value;
                return null;
            case JsonArray list when TryIndex(_steps[^1], list.Count, out var index):
                list[index] = value;
                return null;
            default:
                return "does not exist";
        }
    }

    public string? Remove(ref JsonNode? document, out JsonNode? removed)
    {
        removed = document;
        if (_steps.Length == 0)
        {
            document = null;
            return null;
        }

        switch (Parent(document))
        {
            case JsonObject map when map.TryGetPropertyValue(_steps[^1], out removed):
                map.Remove(_steps[^1]);
                return null;
            case JsonArray list when TryIndex(_steps[^1], list.Count, out var index):
                removed = list[index];
                list.RemoveAt(index);
                return null;
            default:
                return "does not exist";
        }
    }

    private JsonNode? Parent(JsonNode? document) => TryWalk(document, _steps.AsSpan(0, _steps.Length - 1), out var parent) ? parent : null;

    private static bool TryWalk(JsonNode? document, ReadOnlySpan<string> steps, out JsonNode? value)
    {
        value = document;
        foreach (var step in steps)
        {
            switch (value)
            {
                case JsonObject map when map.TryGetPropertyValue(step, out value):
                    break;
                case JsonArray list when TryIndex(step, list.Count, out var index):
                    value = list[index];
                    break;
                default:
                    value = null;
                    return false;
            }
        }

        return true;
    }

    // RFC 6901, 4: no leading zeros, no sign.
    private static bool TryIndex(string step, int count, out int index) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < count && (step.Length == 1 || step[0] != '0');
}
