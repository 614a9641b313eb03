using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portico.Api.Selectors;

/// <summary>
/// Evaluates a <c>fieldSelector</c> parameter (<c>metadata.name=web,status.phase!=Running</c>) on raw objects. An absent field equals
/// the empty text, so <c>spec.nodeName=</c> selects pods without a node.
/// </summary>
public sealed class FieldSelector
{
    public static readonly FieldSelector Everything = new([]);

    private readonly IReadOnlyList<FieldTerm> _terms;

    private FieldSelector(IReadOnlyList<FieldTerm> terms) => _terms = terms;

    public bool IsEverything => _terms.Count == 0;

    /// <summary>The terms; all must hold.</summary>
    public IReadOnlyList<FieldTerm> Terms => _terms;

    /// <summary>Reads the query form (apimachinery pkg/fields): =, ==, != and backslash escapes of comma, equals and backslash.</summary>
    public static bool TryParse(string text, out FieldSelector selector, out string? error)
    {
        selector = Everything;
        error = null;
        var terms = new List<FieldTerm>();
        foreach (var part in Split(text))
        {
            if (part.Length == 0)
            {
                continue;
            }

            if (!TryTerm(part, out var term))
            {
                error = $"invalid selector: '{text}'; can't understand '{part}'";
                return false;
            }

            terms.Add(term);
        }

        selector = new(terms);
        return true;
    }

    public bool Matches(JsonObject item)
    {
        foreach (var term in _terms)
        {
            if (term.Equal != (Value(item, term.Path) == term.Value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The value that the selector demands of a field, such as metadata.name; null when it demands none.</summary>
    public string? Required(string path)
    {
        foreach (var term in _terms)
        {
            if (term.Equal && term.Path == path)
            {
                return term.Value;
            }
        }

        return null;
    }

    private static string Value(JsonObject item, string path)
    {
        JsonNode? node = item;
        foreach (var step in path.AsSpan().Split('.'))
        {
            if (node is not JsonObject map || !map.TryGetPropertyValue(path[step], out node))
            {
                return "";
            }
        }

        return node switch
        {
            null => "",
            _ when node.GetValueKind() == JsonValueKind.String => node.GetValue<string>(),
            _ => node.ToJsonString(),
        };
    }

    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static bool TryTerm(string part, out FieldTerm term)
    {
        term = new("", true, "");
        var at = part.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0)
        {
            return false;
        }

        var equal = part[at - 1] != '!';
        var start = at + 1;
        if (equal && start < part.Length && part[start] == '=')
        {
            start++;
        }

        var path = part[..(equal ? at : at - 1)];
        if (path.Length == 0 || Unescape(part.AsSpan(start)) is not { } value)
        {
            return false;
        }

        term = new(path, equal, value);
        return true;
    }

    private static string? Unescape(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when i + 1 < text.Length && text[i + 1] is '\\' or ',' or '=':
                    result.Append(text[++i]);
                    break;
                case '\\' or ',' or '=':
                    return null;
                default:
                    result.Append(text[i]);
                    break;
            }
        }

        return result.ToString();
    }
}
