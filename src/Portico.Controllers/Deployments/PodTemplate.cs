using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portico.Controllers.Deployments;

/// <summary>Pod templates as raw JSON: compared and hashed by what they mean, not by how they are written.</summary>
internal static class PodTemplate
{
    public const string HashLabel = "pod-template-hash";

    // No vowels and nothing that looks alike (apimachinery util/rand), so that no hash is a word.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>The same pods would come from both, apart from the hash label.</summary>
    public static bool AreEqual(JsonElement left, JsonElement right) => Canonical(left).AsSpan().SequenceEqual(Canonical(right));

    /// <summary>Ten characters at most. The same for every writing of the same template; another when <paramref name="collisionCount"/> is.</summary>
    public static string Hash(JsonElement template, int? collisionCount)
    {
        var hash = 2166136261u; // FNV-1a, 32 bits
        foreach (var value in Canonical(template))
        {
            hash = (hash ^ value) * 16777619u;
        }

        for (var count = collisionCount ?? 0; count > 0; count >>= 8)
        {
            hash = (hash ^ (byte)count) * 16777619u;
        }

        var digits = hash.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return string.Create(digits.Length, digits, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = Alphabet[text[i] % Alphabet.Length];
            }
        });
    }

    /// <summary>The template with a label more.</summary>
    public static JsonElement WithLabel(JsonElement template, string name, string value)
    {
        var copy = JsonObject.Create(template) ?? [];
        copy = (JsonObject)copy.DeepClone();
        if (copy["metadata"] is not JsonObject meta)
        {
            copy["metadata"] = meta = [];
        }

        if (meta["labels"] is not JsonObject labels)
        {
            meta["labels"] = labels = [];
        }

        labels[name] = value;
        using var document = JsonDocument.Parse(copy.ToJsonString());
        return document.RootElement.Clone();
    }

    public static IReadOnlyDictionary<string, string> Labels(JsonElement template)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (template.ValueKind == JsonValueKind.Object && template.TryGetProperty("metadata", out var meta) && meta.ValueKind == JsonValueKind.Object
            && meta.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Object)
        {
            foreach (var label in labels.EnumerateObject())
            {
                result[label.Name] = label.Value.GetString() ?? "";
            }
        }

        return result;
    }

    // Names in order, no nulls and nothing empty: writers differ in what they spell out.
    private static byte[] Canonical(JsonElement template)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, template);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    if (!IsEmpty(property.Value) && property.Name != HashLabel)
                    {
                        writer.WritePropertyName(property.Name);
                        Write(writer, property.Value);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Undefined:
                writer.WriteNullValue();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    // An empty object can mean something (emptyDir: {}), so only null and the empty list are nothing.
    private static bool IsEmpty(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);
}
