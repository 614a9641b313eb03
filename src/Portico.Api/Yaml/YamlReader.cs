using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portico.Api.Yaml;

/// <summary>Reads YAML into JSON nodes, with the YAML 1.1 scalars that Kubernetes' reader knows. Unknown fields stay.</summary>
public static class YamlReader
{
    /// <summary>All documents of a text; an empty document is left out.</summary>
    /// <exception cref="InvalidDataException">The text is no YAML; the message has line and column.</exception>
    public static IReadOnlyList<JsonNode> ReadAll(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            var documents = new List<JsonNode>();
            parser.Consume<StreamStart>();
            while (!parser.TryConsume<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                if (Node(parser, []) is { } document)
                {
                    documents.Add(document);
                }

                parser.Consume<DocumentEnd>();
            }

            return documents;
        }
        catch (YamlException error)
        {
            throw new InvalidDataException($"line {error.Start.Line}, column {error.Start.Column}: {error.Message}", error);
        }
    }

    private static JsonNode? Node(Parser parser, Dictionary<string, JsonNode?> anchors)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return anchors.TryGetValue(alias.Value.Value, out var known)
                ? known?.DeepClone()
                : throw new YamlException(alias.Start, alias.End, $"unknown anchor \"{alias.Value}\"");
        }

        var start = parser.Current as NodeEvent;
        JsonNode? node = parser.Current switch
        {
            Scalar => Value(parser.Consume<Scalar>()),
            SequenceStart => Sequence(parser, anchors),
            _ => Mapping(parser, anchors),
        };
        if (start is { Anchor.IsEmpty: false })
        {
            anchors[start.Anchor.Value] = node;
        }

        return node;
    }

    private static JsonArray Sequence(Parser parser, Dictionary<string, JsonNode?> anchors)
    {
        parser.Consume<SequenceStart>();
        var array = new JsonArray();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            array.Add(Node(parser, anchors));
        }

        return array;
    }

    private static JsonObject Mapping(Parser parser, Dictionary<string, JsonNode?> anchors)
    {
        parser.Consume<MappingStart>();
        var map = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>();
            if (map.ContainsKey(key.Value))
            {
                throw new YamlException(key.Start, key.End, $"key \"{key.Value}\" is already set");
            }

            map[key.Value] = Node(parser, anchors);
        }

        return map;
    }

    private static JsonValue? Value(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain || (!scalar.Tag.IsEmpty && scalar.Tag.Value == "tag:yaml.org,2002:str"))
        {
            return JsonValue.Create(scalar.Value);
        }

        return scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" or "yes" or "Yes" or "on" or "On" => JsonValue.Create(true),
            "false" or "False" or "FALSE" or "no" or "No" or "off" or "Off" => JsonValue.Create(false),
            var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            var text when (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.')
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => JsonValue.Create(real),
            var text => JsonValue.Create(text),
        };
    }
}
