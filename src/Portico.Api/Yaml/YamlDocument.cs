using System.Text.Json.Nodes;

namespace Portico.Api.Yaml;

/// <summary>One document of a YAML text, with the line of every field.</summary>
public sealed class YamlDocument
{
    private readonly IReadOnlyDictionary<string, int> _lines;

    internal YamlDocument(int index, JsonNode root, IReadOnlyDictionary<string, int> lines)
    {
        Index = index;
        Root = root;
        _lines = lines;
    }

    /// <summary>Which document of the text it is, from 1; empty ones count.</summary>
    public int Index { get; }

    public JsonNode Root { get; }

    /// <summary>
    /// The line, from 1, where a field such as <c>spec.ports[0].nodePort</c> or <c>data[tls.crt]</c> stands; of the nearest
    /// field around it when it is not there itself.
    /// </summary>
    public int Line(string path)
    {
        var rest = Normal(path);
        while (true)
        {
            if (_lines.TryGetValue(rest, out var line))
            {
                return line;
            }

            if (rest.Length == 0)
            {
                return 1;
            }

            rest = Parent(rest);
        }
    }

    // Labels and annotations have dots in their keys, so parents are tried step by step: "a.b.c" → "a.b" → "a".
    private static string Parent(string path)
    {
        var at = path.AsSpan().LastIndexOfAny('.', '[');
        return at < 0 ? "" : path[..at];
    }

    // Kubernetes writes the key of a map in brackets: data[tls.crt]. Only indices keep theirs here.
    private static string Normal(string path)
    {
        var at = 0;
        while ((at = path.IndexOf('[', at)) >= 0)
        {
            var end = path.IndexOf(']', at);
            if (end < 0)
            {
                return path;
            }

            if (path.AsSpan(at + 1, end - at - 1).ContainsAnyExceptInRange('0', '9'))
            {
                path = $"{path[..at]}.{path[(at + 1)..end]}{path[(end + 1)..]}";
            }

            at++;
        }

        return path;
    }
}
