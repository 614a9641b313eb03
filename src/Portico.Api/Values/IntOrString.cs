using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portico.Api.Values;

/// <summary>A number or a name (a port), or a number or a percentage (a rollout limit).</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct IntOrString
{
    private readonly string? _text;

    public IntOrString(int number) => Number = number;

    public IntOrString(string text) => _text = text;

    /// <summary>0 when this is a text.</summary>
    public int Number { get; }

    /// <summary>Null when this is a number.</summary>
    public string? Text => _text;

    public bool IsNumber => _text is null;

    /// <summary>
    /// The number itself, or the percentage of <paramref name="total"/>, rounded as asked. Null when the text is no percentage.
    /// </summary>
    public int? Scale(int total, bool roundUp)
    {
        if (_text is null)
        {
            return Number;
        }

        if (!_text.EndsWith('%') || !int.TryParse(_text.AsSpan(0, _text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
        {
            return null;
        }

        var scaled = (long)percent * total;
        return (int)Math.Clamp(roundUp ? (scaled + 99) / 100 : scaled / 100, int.MinValue, int.MaxValue);
    }

    public override string ToString() => _text ?? Number.ToString(CultureInfo.InvariantCulture);

    internal sealed class Converter : JsonConverter<IntOrString>
    {
        public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? new(reader.GetInt32()) : new(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
        {
            if (value._text is null)
            {
                writer.WriteNumberValue(value.Number);
            }
            else
            {
                writer.WriteStringValue(value._text);
            }
        }
    }
}
