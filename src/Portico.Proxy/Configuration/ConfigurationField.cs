using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;

namespace Portico.Proxy.Configuration;

/// <summary>One field of KubeProxyConfiguration.</summary>
/// <param name="Path">As in the file: <c>iptables.masqueradeBit</c>.</param>
/// <param name="Default">As a flag would write it; empty: no value.</param>
/// <param name="Flag">The flag that sets it, without dashes; null: only the file does. One flag may set several fields.</param>
public sealed record ConfigurationField(string Path, string Default = "", string? Flag = null)
{
    internal FieldType Type { get; init; } = FieldType.Text;

    /// <summary>Zero and empty are values of their own (a pointer upstream); elsewhere they mean the default, in a file.</summary>
    internal bool ZeroCounts { get; init; }

    /// <summary>Accepted so that files and command lines of kube-proxy work, but nothing here heeds it.</summary>
    public bool WithoutEffect { get; init; }

    /// <summary>Deprecated flag for the port alone, of an address to listen on.</summary>
    public string? PortFlag { get; init; }

    /// <summary>The default where <c>bindAddress</c> is an IPv6 address, of an address to listen on.</summary>
    internal string DefaultOverIPv6 { get; init; } = "";

    /// <summary>What the flag does; null when it is without effect.</summary>
    public string? Help { get; init; }

    public bool IsBoolean => Type == FieldType.Boolean;

    /// <summary>The value of a flag; null with an error when it is none.</summary>
    internal JsonNode? Parse(string text, out string? error)
    {
        error = null;
        switch (Type)
        {
            case FieldType.Boolean when bool.TryParse(text, out var yes):
                return yes;
            case FieldType.Integer when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                return number;
            case FieldType.Number when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real):
                return real;
            case FieldType.Duration when GoDuration.TryParse(text, out var duration):
                return GoDuration.Format(duration);
            case FieldType.List:
                return new JsonArray([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static item => (JsonNode)item)]);
            case FieldType.Text or FieldType.Any:
                return text;
            default:
                error = Refusal($"\"{text}\"");
                return null;
        }
    }

    /// <summary>The value of a file; null when it is the default, with an error when it is none.</summary>
    internal JsonNode? Read(JsonNode? node, out string? error)
    {
        error = null;
        var value = Type switch
        {
            FieldType.Any => node?.DeepClone(),
            FieldType.Boolean when node?.GetValueKind() is JsonValueKind.True or JsonValueKind.False => node.DeepClone(),
            FieldType.Integer when JsonScalars.TryInteger(node, out var number) => number,
            FieldType.Number when node?.GetValueKind() == JsonValueKind.Number => node.DeepClone(),
            FieldType.Duration when JsonScalars.TryText(node, out var text) && GoDuration.TryParse(text, out var duration) => GoDuration.Format(duration),
            FieldType.Text when JsonScalars.TryText(node, out var text) => text,
            FieldType.List when node is JsonArray items && items.All(static item => item?.GetValueKind() == JsonValueKind.String) => items.DeepClone(),
            _ => null,
        };
        if (value is null && node is not null)
        {
            error = Refusal(node.ToJsonString());
        }

        return value is null || (!ZeroCounts && IsZero(value)) ? null : value;
    }

    private static bool IsZero(JsonNode value) => value switch
    {
        JsonArray items => items.Count == 0,
        JsonObject map => map.Count == 0,
        _ => value.ToJsonString() is "\"\"" or "0" or "false" or "\"0s\"",
    };

    private string Refusal(string seen) => $"{seen} is no {Type switch
    {
        FieldType.Boolean => "true or false",
        FieldType.Integer => "whole number",
        FieldType.Number => "number",
        FieldType.Duration => "duration, as \"30s\" or \"1h30m\"",
        FieldType.List => "list of texts",
        _ => "text",
    }}";
}
