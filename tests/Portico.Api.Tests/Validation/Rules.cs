using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Schemas;
using Portico.Api.Statuses;
using Portico.Api.Validation;

namespace Portico.Api.Tests.Validation;

/// <summary>Runs an object through what the server runs it through.</summary>
internal static class Rules
{
    public static JsonObject Defaulted(ResourceKind kind, string yaml)
    {
        var item = J.Yaml(yaml);
        ObjectRules.Default(kind, item);
        return item;
    }

    /// <summary>"field: message" of each problem of an object made from a valid one, with the changes of <paramref name="edit"/>.</summary>
    public static IReadOnlyList<string> Problems(ResourceKind kind, string yaml, Action<JsonObject>? edit = null, JsonObject? old = null)
    {
        var item = J.Yaml(yaml);
        edit?.Invoke(item);
        ObjectRules.Default(kind, item);
        var types = SchemaChecker.Check(item, KindSchemas.For(kind));
        Assert.True(types.IsClean, string.Join("; ", types.TypeErrors.Concat(types.UnknownFields).Select(finding => finding.Message)));
        return Texts(ObjectRules.Validate(kind, item, old));
    }

    public static IReadOnlyList<string> Texts(IEnumerable<StatusCause> causes) => [.. causes.Select(cause => $"{cause.Field}: {cause.Message}")];

    /// <summary>Sets, or with a null text removes, the value at a pointer such as "spec/ports/0/port"; makes objects on the way.</summary>
    public static void Set(JsonObject item, string path, string? json)
    {
        var steps = path.Split('/');
        JsonNode node = item;
        foreach (var step in steps[..^1])
        {
            if (node is JsonArray list)
            {
                node = list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]!;
                continue;
            }

            node[step] ??= new JsonObject();
            node = node[step]!;
        }

        if (node is JsonArray array)
        {
            array[int.Parse(steps[^1], System.Globalization.CultureInfo.InvariantCulture)] = JsonNode.Parse(json!);
        }
        else if (json is null)
        {
            ((JsonObject)node).Remove(steps[^1]);
        }
        else
        {
            node[steps[^1]] = JsonNode.Parse(json);
        }
    }
}
