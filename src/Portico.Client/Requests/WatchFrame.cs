using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Portico.Api.Json;
using Portico.Api.Statuses;

namespace Portico.Client.Requests;

/// <summary>Reads one line of a watch: <c>{"type":"ADDED","object":{…}}</c>.</summary>
internal static class WatchFrame
{
    public static WatchEvent<T> Read<T>(ReadOnlyMemory<byte> line, JsonTypeInfo<T> type)
    {
        var reader = new Utf8JsonReader(line.Span);
        string? name = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType)
            {
                name = reader.GetString();
            }
            else if (isObject && name is not null)
            {
                return ReadObject(ref reader, name, type);
            }
            else
            {
                reader.Skip();
            }
        }

        throw new InvalidDataException("watch: a line without type and object");
    }

    private static WatchEvent<T> ReadObject<T>(ref Utf8JsonReader reader, string name, JsonTypeInfo<T> type)
    {
        if (name == "ERROR")
        {
            throw new KubernetesException(JsonSerializer.Deserialize(ref reader, ApiJson.TypeInfo<Status>()) ?? new());
        }

        var kind = name switch
        {
            "ADDED" => WatchEventType.Added,
            "MODIFIED" => WatchEventType.Modified,
            "DELETED" => WatchEventType.Deleted,
            "BOOKMARK" => WatchEventType.Bookmark,
            _ => throw new InvalidDataException($"watch: unknown event type \"{name}\""),
        };
        return new(kind, JsonSerializer.Deserialize(ref reader, type) ?? throw new InvalidDataException("watch: object is null"));
    }
}
