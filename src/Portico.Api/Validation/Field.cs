using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;

namespace Portico.Api.Validation;

/// <summary>A value in an object together with its path, for rules. A value of the wrong type reads as not set: the schema check reports it.</summary>
internal readonly record struct Field(JsonNode? Node, string Path)
{
    public Field this[string name] => new((Node as JsonObject)?[name], Path.Length == 0 ? name : $"{Path}.{name}");

    public bool IsSet => Node is not null;

    public JsonObject? Object => Node as JsonObject;

    public JsonArray? List => Node as JsonArray;

    public string? Text => JsonScalars.TryText(Node, out var text) ? text : null;

    public long? Number => JsonScalars.TryInteger(Node, out var number) ? number : null;

    public bool? Flag => JsonScalars.Flag(Node);

    /// <summary>Absent, an empty text, list or map.</summary>
    public bool IsEmpty => Node switch
    {
        null => true,
        JsonObject map => map.Count == 0,
        JsonArray list => list.Count == 0,
        _ => Text is "",
    };

    /// <summary>The elements of a list; nothing when this is none.</summary>
    public IEnumerable<Field> Items
    {
        get
        {
            if (Node is JsonArray list)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    yield return new(list[i], $"{Path}[{i.ToString(CultureInfo.InvariantCulture)}]");
                }
            }
        }
    }

    /// <summary>The values of a map under their keys; nothing when this is none.</summary>
    public IEnumerable<(string Key, Field Value)> Entries
    {
        get
        {
            foreach (var (key, value) in Node as JsonObject ?? [])
            {
                yield return (key, new(value, $"{Path}[{key}]"));
            }
        }
    }

    public bool Same(Field other) => JsonNode.DeepEquals(Node, other.Node);

    /// <summary>The quoted or bare form in messages.</summary>
    public bool IsText => Node?.GetValueKind() == JsonValueKind.String;
}
