using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portico.Api.Values;

/// <summary>apimachinery resource.Quantity, kept as written.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct Quantity(string Text)
{
    internal static readonly IReadOnlyDictionary<string, Quantity> NoResources = FrozenDictionary<string, Quantity>.Empty;

    // decimal holds 7.9e28; upstream too caps at 2^63-1 with 9 digits behind the point.
    private const int MaxDigits = 28;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m), ("Ei", 1152921504606846976m),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m),
    ];

    /// <summary>False when <paramref name="text"/> is no quantity, such as "1GB", " 1" or "", or is beyond what is held.</summary>
    public static bool TryParse(string text, out decimal value)
    {
        value = 0;
        var rest = text.AsSpan();
        var negative = rest.StartsWith('-');
        rest = negative || rest.StartsWith('+') ? rest[1..] : rest;
        var end = rest.IndexOfAnyExcept(Digits);
        var digits = end < 0 ? rest : rest[..end];
        if (digits.Length is 0 or > MaxDigits
            || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || !TryFactor(rest[digits.Length..], out var factor)
            || (number > 1 && factor > decimal.MaxValue / number))
        {
            return false;
        }

        value = negative ? -(number * factor) : number * factor;
        return true;
    }

    public override string ToString() => Text ?? "";

    private static bool TryFactor(ReadOnlySpan<char> suffix, out decimal factor)
    {
        factor = 1;
        if (suffix.IsEmpty)
        {
            return true;
        }

        foreach (var (name, value) in Suffixes)
        {
            if (suffix.SequenceEqual(name))
            {
                factor = value;
                return true;
            }
        }

        // "1e3" and "1E3"; "1E" alone is exa.
        if (suffix[0] is not ('e' or 'E')
            || !int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            || Math.Abs(exponent) > MaxDigits)
        {
            return false;
        }

        var power = (decimal)BigInteger.Pow(10, Math.Abs(exponent));
        factor = exponent < 0 ? 1 / power : power;
        return true;
    }

    internal sealed class Converter : JsonConverter<Quantity>
    {
        public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? new(reader.GetDecimal().ToString(CultureInfo.InvariantCulture)) : new(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
