using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portico.Server.Store;

/// <summary>Reads single values out of JSON bytes without building a tree, and writes trees to bytes.</summary>
internal static class RawJson
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly IReadOnlyDictionary<string, string> Empty = new Dictionary<string, string>();

    public static byte[] Bytes(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The scalar at a path as text; null when there is none, or an object or a list.</summary>
    public static string? Text(ReadOnlySpan<byte> json, params scoped ReadOnlySpan<string> path)
    {
        var reader = new Utf8JsonReader(json);
        if (!TryFind(ref reader, path))
        {
            return null;
        }

        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => null,
        };
    }

    /// <summary>A map of texts; empty when there is none.</summary>
    public static IReadOnlyDictionary<string, string> Map(ReadOnlySpan<byte> json, params scoped ReadOnlySpan<string> path)
    {
        var reader = new Utf8JsonReader(json);
        if (!TryFind(ref reader, path) || reader.TokenType != JsonTokenType.StartObject)
        {
            return Empty;
        }

        var map = new Dictionary<string, string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                map[name] = reader.GetString()!;
            }
            else
            {
                reader.Skip();
            }
        }

        return map;
    }

    private static bool TryFind(ref Utf8JsonReader reader, scoped ReadOnlySpan<string> path)
    {
        reader.Read();
        foreach (var step in path)
        {
            if (reader.TokenType != JsonTokenType.StartObject || !TryProperty(ref reader, step))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryProperty(ref Utf8JsonReader reader, string name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
