using System.Text.Json.Nodes;
using CsCheck;
using Portico.Api.Kinds;
using Portico.Api.Patches;
using Portico.Api.Schemas;

namespace Portico.Api.Tests.Patches;

public sealed class StrategicMergePatchTests
{
    private static readonly ObjectSchema Pod = KindSchemas.For(KnownKinds.Pods.Resource);
    private static readonly ObjectSchema Deployment = KindSchemas.For(KnownKinds.Deployments.Resource);
    private static readonly ObjectSchema Service = KindSchemas.For(KnownKinds.Services.Resource);

    [Fact]
    public void Apply_ListWithMergeKey_MergesByIt() => Check(
        Pod,
        """{"spec":{"containers":[{"name":"a","image":"a:1","args":["x"]},{"name":"b","image":"b:1"}]}}""",
        """{"spec":{"containers":[{"name":"b","image":"b:2"},{"name":"c","image":"c:1"}]}}""",
        """{"spec":{"containers":[{"name":"a","image":"a:1","args":["x"]},{"name":"b","image":"b:2"},{"name":"c","image":"c:1"}]}}""");

    [Fact]
    public void Apply_ListWithoutStrategy_IsReplaced() => Check(
        Pod,
        """{"spec":{"tolerations":[{"key":"a"}],"containers":[{"name":"a","args":["x","y"]}]}}""",
        """{"spec":{"tolerations":[{"key":"b"}],"containers":[{"name":"a","args":["z"]}]}}""",
        """{"spec":{"tolerations":[{"key":"b"}],"containers":[{"name":"a","args":["z"]}]}}""");

    [Fact]
    public void Apply_ObjectThatAppliesAsAWhole_IsMergedAllTheSame() => Check(
        Deployment,
        """{"spec":{"selector":{"matchLabels":{"a":"1"},"matchExpressions":[{"key":"x","operator":"Exists"}]}}}""",
        """{"spec":{"selector":{"matchLabels":{"b":"2"}}}}""",
        """{"spec":{"selector":{"matchLabels":{"a":"1","b":"2"},"matchExpressions":[{"key":"x","operator":"Exists"}]}}}""");

    [Fact]
    public void Apply_DeleteInList_RemovesThatElement() => Check(
        Pod,
        """{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        """{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}""",
        """{"spec":{"containers":[{"name":"b"}]}}""");

    [Fact]
    public void Apply_ReplaceInList_ReplacesTheList() => Check(
        Pod,
        """{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        """{"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}}""",
        """{"spec":{"containers":[{"name":"c"}]}}""");

    [Fact]
    public void Apply_ReplaceInObject_ReplacesTheObject() => Check(
        Pod,
        """{"metadata":{"name":"p","labels":{"a":"1","b":"2"}}}""",
        """{"metadata":{"labels":{"$patch":"replace","c":"3"}}}""",
        """{"metadata":{"name":"p","labels":{"c":"3"}}}""");

    [Fact]
    public void Apply_DeleteInObject_EmptiesIt() => Check(
        Pod, """{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"delete"}}}""", """{"metadata":{"labels":{}}}""");

    [Fact]
    public void Apply_Null_RemovesTheField() => Check(
        Pod, """{"spec":{"nodeName":"n","hostname":"h"}}""", """{"spec":{"nodeName":null,"priority":null}}""", """{"spec":{"hostname":"h"}}""");

    [Fact]
    public void Apply_RetainKeys_ClearsTheOthers() => Check(
        Deployment,
        """{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""",
        """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""",
        """{"spec":{"strategy":{"type":"Recreate"}}}""");

    [Fact]
    public void Apply_RetainKeysInVolumes_SwitchesTheSource() => Check(
        Pod,
        """{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}""",
        """{"spec":{"volumes":[{"$retainKeys":["name","configMap"],"name":"v","configMap":{"name":"c"}}]}}""",
        """{"spec":{"volumes":[{"name":"v","configMap":{"name":"c"}}]}}""");

    [Fact]
    public void Apply_PrimitiveListWithMerge_IsASet() => Check(
        Pod, """{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["b","c"]}}""", """{"metadata":{"finalizers":["a","b","c"]}}""");

    [Fact]
    public void Apply_DeleteFromPrimitiveList_RemovesValues() => Check(
        Pod,
        """{"metadata":{"finalizers":["a","b","c"]}}""",
        """{"metadata":{"$deleteFromPrimitiveList/finalizers":["b"]}}""",
        """{"metadata":{"finalizers":["a","c"]}}""");

    [Fact]
    public void Apply_SetElementOrder_OrdersWhatTheClientKnows() => Check(
        Pod,
        """{"spec":{"containers":[{"name":"a"},{"name":"sidecar"},{"name":"b"}]}}""",
        """{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"},{"name":"new"}],"containers":[{"name":"new"}]}}""",
        """{"spec":{"containers":[{"name":"sidecar"},{"name":"b"},{"name":"a"},{"name":"new"}]}}""");

    [Fact]
    public void Apply_SetElementOrderAlone_OrdersTheList() => Check(
        Pod,
        """{"metadata":{"finalizers":["a","b","c"]}}""",
        """{"metadata":{"$setElementOrder/finalizers":["c","b","a"]}}""",
        """{"metadata":{"finalizers":["c","b","a"]}}""");

    [Fact]
    public void Apply_KubectlApplyOfServicePorts_ChangesOnlyTheOne() => Check(
        Service,
        """{"spec":{"ports":[{"name":"http","port":80,"nodePort":30001},{"name":"https","port":443,"nodePort":30002}]}}""",
        """{"spec":{"$setElementOrder/ports":[{"port":80},{"port":443}],"ports":[{"port":80,"targetPort":8080}]}}""",
        """{"spec":{"ports":[{"name":"http","port":80,"nodePort":30001,"targetPort":8080},{"name":"https","port":443,"nodePort":30002}]}}""");

    [Fact]
    public void Apply_NewObject_LosesNullsAndDirectives() => Check(
        Pod,
        "{}",
        """{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"a","image":null,"env":[{"name":"E","$patch":"delete"}],"$setElementOrder/env":[]}]}}""",
        """{"spec":{"containers":[{"name":"a","env":[]}]}}""");

    [Fact]
    public void Apply_UnknownFields_MergeAsObjects() => Check(
        ObjectSchema.Unknown, """{"spec":{"a":{"x":1},"l":[1]}}""", """{"spec":{"a":{"y":2},"l":[2]}}""", """{"spec":{"a":{"x":1,"y":2},"l":[2]}}""");

    [Theory]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", "name")]
    [InlineData("""{"spec":{"containers":["x"]}}""", "containers")]
    [InlineData("""{"spec":{"$patch":"explode"}}""", "explode")]
    [InlineData("""{"spec":{"containers":[{"name":"a","$patch":"merge"}]}}""", "merge")]
    [InlineData("""{"spec":{"$setElementOrder/containers":{}}}""", "$setElementOrder/containers")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":{}}}""", "containers")]
    [InlineData("""{"metadata":{"$deleteFromPrimitiveList/finalizers":1}}""", "finalizers")]
    [InlineData("""{"spec":{"$retainKeys":["a"],"hostname":"h"}}""", "hostname")]
    [InlineData("""{"spec":{"$retainKeys":[1]}}""", "$retainKeys")]
    public void Apply_BadPatch_IsAnErrorThatNamesTheField(string patch, string named)
    {
        var original = J.Object("""{"metadata":{"finalizers":["a"]},"spec":{"containers":[{"name":"a"}]}}""");
        var before = original.DeepClone();

        var result = StrategicMergePatch.Apply(original, J.Object(patch), Pod);

        Assert.Equal(PatchFailure.Malformed, result.Failure);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
        J.Equal(before, original);
    }

    [Fact]
    public void Apply_Twice_IsAsOnce() => Gen.Int.Select(Gen.Int).Sample((first, second) =>
    {
        var original = PodOf(first);
        var patch = PodOf(second);
        var once = StrategicMergePatch.Apply(original, patch, Pod).Object!;

        return JsonNode.DeepEquals(once, StrategicMergePatch.Apply(once, patch, Pod).Object);
    });

    [Fact]
    public void Apply_MergedLists_HaveEveryKeyOnce() => Gen.Int.Select(Gen.Int).Sample((first, second) =>
    {
        var merged = StrategicMergePatch.Apply(PodOf(first), PodOf(second), Pod).Object!;
        var names = merged["spec"]!["containers"]!.AsArray().Select(item => item!["name"]!.GetValue<string>()).ToList();
        var expected = Names(PodOf(first)).Union(Names(PodOf(second))).Order();

        return names.Order().SequenceEqual(expected);
    });

    [Fact]
    public void Apply_WithoutLists_IsAMergePatch() => Gen.Int.Select(Gen.Int).Sample((first, second) =>
    {
        var original = J.Random(first);
        var patch = J.Random(second);

        return JsonNode.DeepEquals(MergePatch.Apply(original, patch).Object, StrategicMergePatch.Apply(original, patch, ObjectSchema.Unknown).Object);
    });

    private static void Check(ObjectSchema schema, string original, string patch, string expected)
    {
        var result = StrategicMergePatch.Apply(J.Object(original), J.Object(patch), schema);

        Assert.True(result.Succeeded, result.Error);
        J.Equal(expected, result.Object);
    }

    private static IEnumerable<string> Names(JsonObject pod) => pod["spec"]!["containers"]!.AsArray().Select(item => item!["name"]!.GetValue<string>());

    private static JsonObject PodOf(int seed)
    {
        var random = new Random(seed);
        var containers = new JsonArray();
        foreach (var name in Enumerable.Range(0, 5).OrderBy(_ => random.Next()).Take(random.Next(1, 5)))
        {
            var container = new JsonObject { ["name"] = $"c{name}", ["image"] = $"i{random.Next(3)}" };
            if (random.Next(2) == 0)
            {
                container["env"] = new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(i => new JsonObject { ["name"] = $"E{i}", ["value"] = $"{random.Next(3)}" })]);
            }

            containers.Add((JsonNode)container);
        }

        var finalizers = new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(i => JsonValue.Create($"f{i}"))]);
        return new() { ["metadata"] = new JsonObject { ["finalizers"] = finalizers }, ["spec"] = new JsonObject { ["containers"] = containers } };
    }
}
