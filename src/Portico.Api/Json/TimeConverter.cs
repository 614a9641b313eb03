using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portico.Api.Json;

/// <summary>meta/v1 Time: RFC 3339 in UTC, whole seconds, "Z".</summary>
public sealed class TimeConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>The format that <see cref="Format"/> writes.</summary>
    public const string Pattern = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Pattern, CultureInfo.InvariantCulture);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Format(value));
}
