using System.Text.Json.Nodes;

namespace Portico.Api.Tests;

/// <summary>Short spellings for JSON in tests.</summary>
internal static class J
{
    public static JsonObject Object(string json) => (JsonObject)JsonNode.Parse(json)!;

    public static JsonObject Yaml(string yaml) => (JsonObject)Api.Yaml.YamlReader.ReadAll(yaml).Single();

    public static void Equal(string expected, JsonNode? actual) => Equal(JsonNode.Parse(expected), actual);

    public static void Equal(JsonNode? expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected?.ToJsonString() ?? "null"}\nactual   {actual?.ToJsonString() ?? "null"}");

    /// <summary>A random document without nulls, the same for the same seed.</summary>
    public static JsonObject Random(int seed) => Map(new Random(seed), 3);

    private static JsonObject Map(Random random, int depth)
    {
        var map = new JsonObject();
        for (var i = random.Next(4); i >= 0; i--)
        {
            map[((char)('a' + random.Next(5))).ToString()] = Value(random, depth - 1);
        }

        return map;
    }

    private static JsonNode Value(Random random, int depth) => random.Next(depth <= 0 ? 3 : 5) switch
    {
        0 => random.Next(3),
        1 => random.Next(2) == 0,
        2 => $"{random.Next(3)}/~",
        3 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))]),
        _ => Map(random, depth),
    };
}
