using System.Text.Json.Nodes;
using CsCheck;
using Portico.Api.Kinds;
using Portico.Api.Schemas;
using Portico.Api.Validation;

namespace Portico.Api.Tests.Validation;

public sealed class KindRulesTests
{
    private static readonly ResourceKind Deployments = KnownKinds.Deployments.Resource;

    private static readonly JsonObject Old = Rules.Defaulted(Deployments, """
        metadata: {name: web, namespace: shop, generation: 3, resourceVersion: "7"}
        spec: {replicas: 2, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}
        status: {replicas: 2}
        """);

    [Fact]
    public void PrepareForCreate_Deployment_StartsAtGenerationOneWithoutStatus()
    {
        var item = (JsonObject)Old.DeepClone();

        KindRules.PrepareForCreate(Deployments, item);

        J.Equal("1", item["metadata"]!["generation"]);
        J.Equal("{}", item["status"]);
    }

    [Fact]
    public void PrepareForCreate_Node_KeepsItsStatus()
    {
        var node = J.Yaml("{metadata: {name: node1, generation: 4}, status: {phase: x}}");

        KindRules.PrepareForCreate(KnownKinds.Nodes.Resource, node);

        J.Equal("""{"metadata":{"name":"node1"},"status":{"phase":"x"}}""", node);
    }

    [Theory]
    [InlineData("spec/replicas", "5", 4)]
    [InlineData("spec/template/spec/containers/0/image", "\"b\"", 4)]
    [InlineData("metadata/labels", """{"x":"y"}""", 3)]
    [InlineData("status/replicas", "9", 3)]
    [InlineData("spec/revisionHistoryLimit", null, 3)]
    [InlineData("metadata/deletionTimestamp", "\"2026-01-01T00:00:00Z\"", 4)]
    [InlineData("metadata/generation", "99", 3)]
    public void PrepareForUpdate_Change_CountsWhenItIsDesired(string path, string? json, int generation)
    {
        var item = (JsonObject)Old.DeepClone();
        Rules.Set(item, path, json);

        KindRules.PrepareForUpdate(Deployments, item, Old);

        Assert.Equal(generation, (int)item["metadata"]!["generation"]!.GetValue<long>());
        J.Equal(Old["status"], item["status"]);
    }

    [Fact]
    public void PrepareForStatusUpdate_OnlyStatusLabelsAndAnnotationsChange()
    {
        var item = J.Yaml(
            "{metadata: {name: web, finalizers: [a/b], labels: {tier: front}, annotations: {note: ok}, resourceVersion: '6'}, spec: {replicas: 9}, status: {replicas: 5}}");

        KindRules.PrepareForStatusUpdate(Deployments, item, Old);

        var expected = (JsonObject)Old.DeepClone();
        expected["status"] = J.Object("""{"replicas":5}""");
        expected["metadata"]!["resourceVersion"] = "6";
        expected["metadata"]!["labels"] = J.Object("""{"tier":"front"}""");
        expected["metadata"]!["annotations"] = J.Object("""{"note":"ok"}""");
        J.Equal(expected, item);
    }

    [Fact]
    public void PrepareForUpdate_ServiceHasNoGeneration()
    {
        var old = J.Yaml("{metadata: {name: web}, spec: {ports: [{port: 80}]}}");
        var item = J.Yaml("{metadata: {name: web, generation: 5}, spec: {ports: [{port: 81}]}}");

        KindRules.PrepareForUpdate(KnownKinds.Services.Resource, item, old);

        Assert.Null(item["metadata"]!["generation"]);
    }

    /// <summary>Objects of the wrong shape never throw: the schema check reports them, but rules may run first.</summary>
    [Fact]
    public void Rules_AnyShape_NeverThrow() => Gen.Int.Select(Gen.Int[0, KnownKinds.All.Count - 1]).Sample(
        (seed, index) =>
        {
            var kind = KnownKinds.All[index];
            var item = Distorted(kind, seed);
            var old = Distorted(kind, seed + 1);
            ObjectRules.Default(kind, item);
            ObjectRules.Validate(kind, item, null);
            KindRules.PrepareForCreate(kind, item);
            KindRules.PrepareForUpdate(kind, item, old);
            ObjectRules.Validate(kind, item, old);
            KindRules.PrepareForStatusUpdate(kind, item, old);
        },
        iter: 2_000);

    // Names that the rules look for, with values that they do not expect.
    private static JsonObject Distorted(ResourceKind kind, int seed)
    {
        var random = new Random(seed);
        return Node(KindSchemas.For(kind), random, 0);
    }

    private static JsonObject Node(ObjectSchema schema, Random random, int depth)
    {
        var item = new JsonObject();
        foreach (var field in schema.Fields)
        {
            if (random.Next(depth < 2 ? 2 : 4) == 0)
            {
                item[field.Name] = random.Next(6) == 0 ? Odd(random) : Value(field.Value, random, depth + 1);
            }
        }

        return item;
    }

    private static JsonNode? Value(ValueSchema value, Random random, int depth) => value.Type switch
    {
        SchemaType.Object when depth < 7 => Node(value.Object!, random, depth),
        SchemaType.List => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(8) == 0 ? Odd(random) : Value(value.Element!, random, depth))]),
        SchemaType.Map => new JsonObject { ["k"] = Value(value.Element!, random, depth) },
        SchemaType.Int32 or SchemaType.Int64 => random.Next(-1, 70000),
        SchemaType.Boolean => random.Next(2) == 0,
        _ when value.Enum.Count > 0 => value.Enum[random.Next(value.Enum.Count)],
        _ => "web",
    };

    private static JsonNode? Odd(Random random) => random.Next(7) switch
    {
        0 => null,
        1 => new JsonArray(1, "a", null),
        2 => new JsonObject { ["name"] = 5, ["x"] = null },
        3 => "",
        4 => 1.5,
        5 => long.MaxValue,
        _ => true,
    };
}
