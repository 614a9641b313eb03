using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portico.Api.Yaml;

/// <summary>
/// Reads YAML into JSON nodes as Kubernetes' own reader does (sigs.k8s.io/yaml): YAML 1.1 scalars, merge keys, duplicate keys refused.
/// Unknown fields stay. Hostile input is bounded in depth and in what aliases may expand to.
/// </summary>
public static class YamlReader
{
    /// <summary>All documents of a text; an empty document is left out.</summary>
    /// <exception cref="InvalidDataException">The text is no YAML; the message has document, line and column.</exception>
    public static IReadOnlyList<JsonNode> ReadAll(string text)
    {
        var documents = new List<JsonNode>();
        Read(text, parser =>
        {
            if (new YamlTree(parser, null).Document() is { } root)
            {
                documents.Add(root);
            }
        });
        return documents;
    }

    /// <summary>The same, with the line of every field, for messages about a manifest.</summary>
    /// <exception cref="InvalidDataException">The text is no YAML; the message has document, line and column.</exception>
    public static IReadOnlyList<YamlDocument> ReadDocuments(string text)
    {
        var documents = new List<YamlDocument>();
        var index = 0;
        Read(text, parser =>
        {
            var lines = new Dictionary<string, int>(StringComparer.Ordinal);
            index++;
            if (new YamlTree(parser, lines).Document() is { } root)
            {
                documents.Add(new(index, root, lines));
            }
        });
        return documents;
    }

    private static void Read(string text, Action<Parser> document)
    {
        var number = 0;
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            while (!parser.TryConsume<StreamEnd>(out _))
            {
                number++;
                parser.Consume<DocumentStart>();
                document(parser);
                parser.Consume<DocumentEnd>();
            }
        }
        catch (YamlException error)
        {
            throw new InvalidDataException($"document {Math.Max(number, 1)}: line {error.Start.Line}, column {error.Start.Column}: {error.Message}", error);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            // The parser refuses some broken texts this way, without a place.
            throw new InvalidDataException($"document {Math.Max(number, 1)}: {error.Message}", error);
        }
    }
}
