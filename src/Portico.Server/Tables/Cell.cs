using System.Globalization;
using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Tables;

/// <summary>Values that several kinds print alike.</summary>
internal static class Cell
{
    public const string None = "<none>";
    public const string Unknown = "<unknown>";

    public static string Name(JsonObject item) => item.Text("metadata", "name") ?? "";

    public static string Age(JsonObject item, DateTimeOffset now) => Since(item.Text("metadata", "creationTimestamp"), now);

    /// <summary>The time since a timestamp, as "5m"; "&lt;unknown&gt;" when it is absent.</summary>
    public static string Since(string? timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, out var time) ? HumanDuration.Format(now - time) : Unknown;

    public static int Count(JsonNode? node) => node switch
    {
        JsonArray list => list.Count,
        JsonObject map => map.Count,
        _ => 0,
    };

    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? None : text;

    /// <summary>"a=b,c=d", ordered by key.</summary>
    public static string Labels(JsonNode? node) => node is JsonObject { Count: > 0 } labels
        ? string.Join(',', labels.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={pair.Value.Text()}"))
        : None;

    /// <summary>A LabelSelector in the form of a query.</summary>
    public static string Selector(JsonNode? selector)
    {
        var parts = new List<string>();
        if (selector.At("matchLabels") is JsonObject { Count: > 0 } labels)
        {
            parts.Add(Labels(labels));
        }

        foreach (var one in selector.Items("matchExpressions"))
        {
            var (key, values) = (one.Text("key"), string.Join(',', one.Texts("values")));
            parts.Add(one.Text("operator") switch
            {
                "In" => $"{key} in ({values})",
                "NotIn" => $"{key} notin ({values})",
                "DoesNotExist" => $"!{key}",
                _ => $"{key}",
            });
        }

        return parts.Count == 0 ? None : string.Join(',', parts);
    }

    public static string Containers(JsonNode? podSpec, string field) => string.Join(',', podSpec.Items("containers").Select(one => one.Text(field) ?? ""));

    public static string Parameters(JsonObject item) => item.At("spec", "parameters") is { } reference
        ? $"{reference.Text("kind")}{(reference.Text("apiGroup") is { } group ? "." + group : "")}/{reference.Text("name")}"
        : None;

    /// <summary>Addresses of a load balancer's status.</summary>
    public static string Ingress(JsonObject item) => string.Join(
        ',', item.Items("status", "loadBalancer", "ingress").Select(static one => one.Text("ip") ?? one.Text("hostname")).OfType<string>().Distinct());

    /// <summary>The status of a condition: "True", "False", "Unknown"; null when there is no such condition.</summary>
    public static string? Condition(JsonObject item, string type) =>
        item.Items("status", "conditions").FirstOrDefault(one => one.Text("type") == type).Text("status");
}
