using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portico.Api.Json;

/// <summary>meta/v1 MicroTime: RFC 3339 in UTC with exactly six fractional digits, which Go clients insist on.</summary>
public sealed class MicroTimeConverter : JsonConverter<DateTimeOffset>
{
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Format(value));
}
