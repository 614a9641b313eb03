using System.Text.Json.Nodes;
using Portico.Api.Json;

namespace Portico.Api.OpenApi;

/// <summary>
/// Turns an OpenAPI 2.0 document into gnostic's <c>openapi.v2.Document</c>. Field numbers are those of gnostic's OpenAPIv2.proto;
/// vendor extensions are carried as YAML texts, of which JSON is one.
/// </summary>
internal static class GnosticWriter
{
    public static byte[] Write(JsonObject document)
    {
        var writer = new ProtobufWriter();
        writer.Text(1, Text(document, "swagger"));
        writer.Message(2, info =>
        {
            info.Text(1, Text(document["info"], "title"));
            info.Text(2, Text(document["info"], "version"));
        });
        writer.Message(8, paths =>
        {
            foreach (var (path, item) in Entries(document["paths"]))
            {
                paths.Message(2, named => Named(named, path, value => PathItem(value, item!)));
            }
        });
        writer.Message(9, definitions =>
        {
            foreach (var (name, schema) in Entries(document["definitions"]))
            {
                definitions.Message(1, named => Named(named, name, value => Schema(value, schema!)));
            }
        });
        return writer.Written.ToArray();
    }

    private static void PathItem(ProtobufWriter writer, JsonNode item)
    {
        foreach (var (method, field) in (ReadOnlySpan<(string, int)>)[("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("patch", 8)])
        {
            if (item[method] is { } operation)
            {
                writer.Message(field, inner => Operation(inner, operation));
            }
        }

        Parameters(writer, 9, item["parameters"]);
    }

    private static void Operation(ProtobufWriter writer, JsonNode operation)
    {
        Texts(writer, 6, operation["produces"]);
        Texts(writer, 7, operation["consumes"]);
        Parameters(writer, 8, operation["parameters"]);
        writer.Message(9, responses =>
        {
            foreach (var (code, response) in Entries(operation["responses"]))
            {
                responses.Message(1, named => Named(named, code, value => value.Message(1, body =>
                {
                    body.Text(1, Text(response, "description"));
                    body.Message(2, item => item.Message(1, schema => Schema(schema, response!["schema"]!)));
                })));
            }
        });
        Extensions(writer, 13, operation);
    }

    private static void Parameters(ProtobufWriter writer, int field, JsonNode? parameters)
    {
        foreach (var parameter in parameters as JsonArray ?? [])
        {
            // ParametersItem.parameter, then Parameter.body_parameter or .non_body_parameter.
            writer.Message(field, item => item.Message(1, choice =>
            {
                if (Text(parameter, "in") == "body")
                {
                    choice.Message(1, body => Body(body, parameter!));
                }
                else
                {
                    var inPath = Text(parameter, "in") == "path";
                    choice.Message(2, plain => plain.Message(inPath ? 4 : 3, value => Plain(value, parameter!, inPath)));
                }
            }));
        }
    }

    private static void Body(ProtobufWriter writer, JsonNode parameter)
    {
        writer.Text(2, Text(parameter, "name"));
        writer.Text(3, "body");
        writer.Flag(4, JsonScalars.Flag(parameter["required"]) == true);
        writer.Message(5, schema => Schema(schema, parameter["schema"]!));
    }

    private static void Plain(ProtobufWriter writer, JsonNode parameter, bool inPath)
    {
        writer.Flag(1, JsonScalars.Flag(parameter["required"]) == true);
        writer.Text(2, Text(parameter, "in"));
        writer.Text(4, Text(parameter, "name"));
        // A query parameter has allow_empty_value in between.
        writer.Text(inPath ? 5 : 6, Text(parameter, "type"));
        writer.Flag(inPath ? 19 : 20, JsonScalars.Flag(parameter["uniqueItems"]) == true);
    }

    private static void Schema(ProtobufWriter writer, JsonNode schema)
    {
        writer.Text(1, Text(schema, "$ref"));
        writer.Text(2, Text(schema, "format"));
        writer.Text(4, Text(schema, "description"));
        Texts(writer, 19, schema["required"]);
        foreach (var value in schema["enum"] as JsonArray ?? [])
        {
            writer.Message(20, any => any.Text(2, value!.ToJsonString()));
        }

        if (schema["additionalProperties"] is { } element)
        {
            writer.Message(21, item => item.Message(1, inner => Schema(inner, element)));
        }

        if (Text(schema, "type") is { } type)
        {
            writer.Message(22, item => item.Text(1, type));
        }

        if (schema["items"] is { } items)
        {
            writer.Message(23, item => item.Message(1, inner => Schema(inner, items)));
        }

        if (schema["properties"] is { } properties)
        {
            writer.Message(25, message =>
            {
                foreach (var (name, property) in Entries(properties))
                {
                    message.Message(1, named => Named(named, name, value => Schema(value, property!)));
                }
            });
        }

        Extensions(writer, 31, schema);
    }

    private static void Extensions(ProtobufWriter writer, int field, JsonNode item)
    {
        foreach (var (name, value) in Entries(item))
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
            {
                writer.Message(field, named => Named(named, name, any => any.Text(2, value!.ToJsonString())));
            }
        }
    }

    private static void Named(ProtobufWriter writer, string name, Action<ProtobufWriter> value)
    {
        writer.Text(1, name);
        writer.Message(2, value);
    }

    private static void Texts(ProtobufWriter writer, int field, JsonNode? texts)
    {
        foreach (var text in texts as JsonArray ?? [])
        {
            writer.Text(field, JsonScalars.TryText(text, out var value) ? value : "");
        }
    }

    private static JsonObject Entries(JsonNode? node) => node as JsonObject ?? [];

    private static string? Text(JsonNode? node, string name) => JsonScalars.TryText(node?[name], out var text) ? text : null;
}
