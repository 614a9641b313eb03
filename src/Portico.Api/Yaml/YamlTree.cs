using System.Globalization;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Patches;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portico.Api.Yaml;

/// <summary>Builds one document from parser events.</summary>
internal sealed class YamlTree(Parser parser, Dictionary<string, int>? lines)
{
    /// <summary>Nodes that aliases may add to a document: enough for any manifest, far too few for an alias bomb.</summary>
    internal const int MaxAliased = 100_000;

    private const string MergeKey = "<<";

    private readonly Dictionary<string, (JsonNode? Node, int Size)> _anchors = new(StringComparer.Ordinal);
    private int _aliased;

    public JsonNode? Document() => Node("", 0);

    private JsonNode? Node(string path, int depth)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return Alias(alias);
        }

        if (parser.Current is not NodeEvent start)
        {
            throw new YamlException(parser.Current!.Start, parser.Current.End, "a value is expected");
        }

        if (depth > StrictJson.MaxDepth)
        {
            throw new YamlException(start.Start, start.End, $"nested deeper than {StrictJson.MaxDepth} levels");
        }

        var node = start switch
        {
            Scalar => YamlScalar.Read(parser.Consume<Scalar>()),
            SequenceStart => Sequence(path, depth),
            _ => Mapping(path, depth),
        };
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = (node?.DeepClone(), JsonSize.Count(node));
        }

        return node;
    }

    private JsonNode? Alias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var known))
        {
            throw new YamlException(alias.Start, alias.End, $"unknown anchor \"{alias.Value}\"");
        }

        _aliased += known.Size;
        return _aliased <= MaxAliased
            ? known.Node?.DeepClone()
            : throw new YamlException(alias.Start, alias.End, $"aliases expand to more than {MaxAliased} values");
    }

    private JsonArray Sequence(string path, int depth)
    {
        parser.Consume<SequenceStart>();
        var array = new JsonArray();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            var where = lines is null ? "" : $"{path}[{array.Count.ToString(CultureInfo.InvariantCulture)}]";
            Note(where);
            array.Add(Node(where, depth + 1));
        }

        return array;
    }

    private JsonObject Mapping(string path, int depth)
    {
        parser.Consume<MappingStart>();
        var map = new JsonObject();
        List<JsonNode?>? merged = null;
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (parser.Current is not Scalar)
            {
                throw new YamlException(parser.Current!.Start, parser.Current.End, "a key must be a plain value");
            }

            var start = parser.Current.Start;
            var key = parser.Consume<Scalar>();
            if (key is { Value: MergeKey, Style: ScalarStyle.Plain })
            {
                (merged ??= []).Add(Node(path, depth + 1));
                continue;
            }

            var name = YamlScalar.Key(key);
            var where = lines is null ? "" : path.Length == 0 ? name : $"{path}.{name}";
            lines?.TryAdd(where, (int)start.Line);
            if (map.ContainsKey(name))
            {
                throw new YamlException(key.Start, key.End, $"key \"{name}\" is already set");
            }

            map[name] = Node(where, depth + 1);
        }

        foreach (var source in merged ?? [])
        {
            Merge(map, source);
        }

        return map;
    }

    // What stands in the map itself wins, then the first source that has a key.
    private void Merge(JsonObject map, JsonNode? source)
    {
        switch (source)
        {
            case JsonObject other:
                foreach (var (name, value) in other)
                {
                    if (!map.ContainsKey(name))
                    {
                        map[name] = value?.DeepClone();
                    }
                }

                break;
            case JsonArray list when list.All(static item => item is JsonObject):
                foreach (var item in list)
                {
                    Merge(map, item);
                }

                break;
            default:
                throw new YamlException(parser.Current!.Start, parser.Current.End, "a merge key (<<) takes a map or a list of maps");
        }
    }

    private void Note(string path) => lines?.TryAdd(path, (int)parser.Current!.Start.Line);
}
