using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portico.Api.Yaml;

/// <summary>Plain scalars as goyaml v2 resolves them, which sigs.k8s.io/yaml is built on: YAML 1.1 with Go's integer syntax.</summary>
internal static partial class YamlScalar
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    public static JsonNode? Read(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (tag == $"{TagPrefix}str" || (scalar.Style != ScalarStyle.Plain && !IsTyped(tag)))
        {
            return JsonValue.Create(scalar.Value);
        }

        var value = Plain(scalar);
        var fits = tag switch
        {
            $"{TagPrefix}int" => value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && !scalar.Value.Contains('.', StringComparison.Ordinal),
            $"{TagPrefix}float" => value is JsonValue number && number.GetValueKind() == JsonValueKind.Number,
            $"{TagPrefix}bool" => value is JsonValue flag && flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            $"{TagPrefix}null" => value is null,
            _ => true,
        };
        return fits ? value : throw new YamlException(scalar.Start, scalar.End, $"\"{scalar.Value}\" is no {tag[TagPrefix.Length..]}");
    }

    /// <summary>Keys are texts in JSON: a number or a boolean is written as JSON writes it, as upstream does (<c>on:</c> becomes "true").</summary>
    public static string Key(Scalar scalar) => Read(scalar) switch
    {
        null => scalar.Value is "" ? throw new YamlException(scalar.Start, scalar.End, "a key is expected") : "null",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        var value => value.ToJsonString(),
    };

    private static bool IsTyped(string tag) => tag is $"{TagPrefix}int" or $"{TagPrefix}float" or $"{TagPrefix}bool" or $"{TagPrefix}null";

    private static JsonValue? Plain(Scalar scalar)
    {
        var text = scalar.Value;
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF":
                throw new YamlException(scalar.Start, scalar.End, $"{text} has no form in JSON");
        }

        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
        {
            return JsonValue.Create(text);
        }

        var digits = text[0] == '.' ? text : text.Replace("_", "", StringComparison.Ordinal);
        return Integer(digits) ?? Real(digits) ?? JsonValue.Create(text);
    }

    // Go's strconv.ParseInt with base 0.
    private static JsonValue? Integer(string text)
    {
        var negative = text.StartsWith('-');
        var digits = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        if (digits.IsEmpty)
        {
            return null;
        }

        if (digits[0] != '0' || digits.Length == 1)
        {
            return Decimal(digits, negative);
        }

        return (digits[1] | ' ') switch
        {
            'x' => Based(digits[2..], 16, negative),
            'o' => Based(digits[2..], 8, negative),
            'b' => Based(digits[2..], 2, negative),
            _ => Based(digits[1..], 8, negative),
        };
    }

    private static JsonValue? Decimal(ReadOnlySpan<char> digits, bool negative)
    {
        if (digits.ContainsAnyExceptInRange('0', '9'))
        {
            return null;
        }

        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return JsonValue.Create(negative ? -number : number);
        }

        // Beyond 64 bits the digits themselves are kept.
        using var document = JsonDocument.Parse(negative ? $"-{digits}" : digits.ToString());
        return JsonValue.Create(document.RootElement.Clone());
    }

    private static JsonValue? Based(ReadOnlySpan<char> digits, int radix, bool negative)
    {
        if (digits.IsEmpty)
        {
            return null;
        }

        var number = 0L;
        foreach (var digit in digits)
        {
            var value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : int.MaxValue;
            if (value >= radix || number > (long.MaxValue - value) / radix)
            {
                return null;
            }

            number = (number * radix) + value;
        }

        return JsonValue.Create(negative ? -number : number);
    }

    private static JsonValue? Real(string text)
    {
        if (!RealPattern().IsMatch(text) || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            return null;
        }

        // 1e3 and 2.0 are whole, and are written as such in JSON.
        return Math.Floor(number) == number && Math.Abs(number) < 1e15 ? JsonValue.Create((long)number) : JsonValue.Create(number);
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex RealPattern();
}
