using System.Globalization;
using System.Text.Json.Nodes;

namespace Portico.Api.Schemas;

/// <summary>Compares an object with its schema: unknown fields and values of the wrong type, each with its path.</summary>
public sealed class SchemaChecker
{
    /// <summary>More findings than this tell a reader nothing more, and a hostile object could have millions.</summary>
    internal const int MaxFindings = 100;

    private readonly List<SchemaFinding> _unknown = [];
    private readonly List<SchemaFinding> _types = [];

    private SchemaChecker()
    {
    }

    public static SchemaFindings Check(JsonObject item, ObjectSchema schema)
    {
        var checker = new SchemaChecker();
        checker.Object(item, schema, "");
        return new(checker._unknown, checker._types);
    }

    private void Object(JsonObject item, ObjectSchema schema, string path)
    {
        foreach (var (name, value) in item)
        {
            var field = schema.Field(name);
            if (field is not null)
            {
                Value(value, field.Value, path, name);
            }
            else if (!schema.IsOpen && _unknown.Count < MaxFindings)
            {
                var where = Join(path, name);
                _unknown.Add(new(where, $"unknown field \"{where}\""));
            }
        }
    }

    private void Value(JsonNode? value, ValueSchema schema, string parent, string name)
    {
        // Null is "not set" everywhere in the API.
        if (value is null || schema.Type == SchemaType.Any)
        {
            return;
        }

        switch (schema.Type, value)
        {
            case (SchemaType.Object, JsonObject item):
                Object(item, schema.Object!, Join(parent, name));
                break;
            case (SchemaType.Map, JsonObject map):
                Map(map, schema.Element!, parent, name);
                break;
            case (SchemaType.List, JsonArray list):
                List(list, schema.Element!, parent, name);
                break;
            default:
                if (ScalarTypes.Expected(value, schema) is { } expected && _types.Count < MaxFindings)
                {
                    var path = Join(parent, name);
                    _types.Add(new(path, $"{path}: expected {expected}, found {ScalarTypes.Describe(value, schema)}"));
                }

                break;
        }
    }

    private void Map(JsonObject map, ValueSchema element, string parent, string name)
    {
        var path = Join(parent, name);
        foreach (var (key, value) in map)
        {
            Value(value, element, path, key);
        }
    }

    private void List(JsonArray list, ValueSchema element, string parent, string name)
    {
        for (var i = 0; i < list.Count; i++)
        {
            Value(list[i], element, parent, $"{name}[{i.ToString(CultureInfo.InvariantCulture)}]");
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
