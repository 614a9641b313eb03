using System.Text;

namespace Portico.Api.Selectors;

/// <summary>Reads a <c>fieldSelector</c> parameter: <c>metadata.name=web,status.phase!=Running</c>.</summary>
public static class FieldSelector
{
    /// <summary>The query form of apimachinery's pkg/fields: =, ==, != and backslash escapes of comma, equals and backslash.</summary>
    /// <param name="terms">All must hold.</param>
    public static bool TryParse(string text, out IReadOnlyList<FieldTerm> terms, out string? error)
    {
        terms = [];
        error = null;
        var read = new List<FieldTerm>();
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

            read.Add(term);
        }

        terms = read;
        return true;
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
