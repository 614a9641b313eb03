using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portico.Api.Values;

/// <summary>apimachinery resource.Quantity: kept as written, compared by value.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct Quantity(string Text)
{
    internal static readonly IReadOnlyDictionary<string, Quantity> NoResources = FrozenDictionary<string, Quantity>.Empty;

    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m), ("Ei", 1152921504606846976m),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m),
    ];

    /// <summary>False when <paramref name="text"/> is no quantity, such as "1GB" or "".</summary>
    public static bool TryParse(string text, out decimal value)
    {
        foreach (var (suffix, factor) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && TryNumber(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, out value))
            {
                value *= factor;
                return true;
            }
        }

        return TryNumber(text, NumberStyles.AllowExponent, out value);
    }

    public override string ToString() => Text ?? "";

    private static bool TryNumber(ReadOnlySpan<char> text, NumberStyles extra, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | extra, CultureInfo.InvariantCulture, out value);

    internal sealed class Converter : JsonConverter<Quantity>
    {
        public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? new(reader.GetDecimal().ToString(CultureInfo.InvariantCulture)) : new(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
