using System.Text;
using System.Text.Json.Nodes;
using Portico.Api.Json;

namespace Portico.Proxy.Configuration;

/// <summary>Writes JSON nodes as block YAML; strings are quoted as JSON, which YAML reads alike.</summary>
internal static class YamlText
{
    public static string Write(JsonObject root)
    {
        var text = new StringBuilder();
        Append(text, root, "");
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonObject map, string indent)
    {
        foreach (var (name, value) in map)
        {
            text.Append(indent).Append(name).Append(':');
            switch (value)
            {
                case JsonObject { Count: > 0 } inner:
                    text.Append('\n');
                    Append(text, inner, indent + "  ");
                    break;
                default:
                    text.Append(' ').Append(value?.ToJsonString(ApiJson.Wire) ?? "null").Append('\n');
                    break;
            }
        }
    }
}
