using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Values;

namespace Portico.Api.Schemas;

/// <summary>Whether a JSON value can stand for a type, and how to say so.</summary>
internal static class ScalarTypes
{
    /// <summary>Null when the value fits, otherwise what was expected.</summary>
    public static string? Expected(JsonNode value, ValueSchema schema) => Fits(value, schema.Type) ? null : Name(schema);

    public static string Describe(JsonNode value, ValueSchema schema) => value.GetValueKind() switch
    {
        // Most bytes are secrets, and errors are logged.
        JsonValueKind.String when schema.Type == SchemaType.Bytes => "another string",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"the string {Short(value)}",
        JsonValueKind.Number => $"the number {Short(value)}",
        _ => $"the boolean {Short(value)}",
    };

    public static string Name(ValueSchema schema) => schema.Type switch
    {
        SchemaType.Int32 => "a 32-bit integer",
        SchemaType.Int64 => "a 64-bit integer",
        SchemaType.Number => "a number",
        SchemaType.Boolean => "true or false",
        SchemaType.IntOrString => "an integer or a string",
        SchemaType.Quantity => "a quantity such as 100m or 1Gi",
        SchemaType.Time or SchemaType.MicroTime => "an RFC 3339 time",
        SchemaType.Bytes => "a base64 string",
        SchemaType.Object => "an object",
        SchemaType.Map => "a map",
        SchemaType.List => "a list",
        _ => "a string",
    };

    private static bool Fits(JsonNode value, SchemaType type)
    {
        var isText = JsonScalars.TryText(value, out var text);
        return type switch
        {
            SchemaType.String => isText,
            SchemaType.Int32 => JsonScalars.TryInteger(value, out var number) && number is >= int.MinValue and <= int.MaxValue,
            SchemaType.Int64 => JsonScalars.TryInteger(value, out _),
            SchemaType.Number => value.GetValueKind() == JsonValueKind.Number,
            SchemaType.Boolean => JsonScalars.Flag(value) is not null,
            SchemaType.IntOrString => isText || (JsonScalars.TryInteger(value, out var number) && number is >= int.MinValue and <= int.MaxValue),
            SchemaType.Quantity => isText ? Quantity.TryParse(text!, out _) : value.GetValueKind() == JsonValueKind.Number,
            SchemaType.Time or SchemaType.MicroTime => isText && IsTime(text!),
            SchemaType.Bytes => isText && Base64.IsValid(text!),
            _ => false,
        };
    }

    private static bool IsTime(string text) =>
        text.Length >= 20 && text[10] is 'T' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static string Short(JsonNode value)
    {
        var text = value.ToJsonString();
        return text.Length <= 60 ? text : $"{text[..60]}…";
    }
}
