using System.Text.Json.Nodes;
using CsCheck;
using Portico.Api.Patches;

namespace Portico.Api.Tests.Patches;

public sealed class JsonPatchTests
{
    // RFC 6902, appendix A, and RFC 6901, 5.
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"baz":"qux","foo":"bar"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc"]}]""", """{"foo":["bar",["abc"]]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo"}""")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"foo":{"bar":1}}""", """[{"op":"copy","from":"/foo","path":"/baz"},{"op":"replace","path":"/foo/bar","value":2}]""", """{"foo":{"bar":2},"baz":{"bar":1}}""")]
    [InlineData("""{"baz":"qux","foo":["a",2,"c"]}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]""", """{"baz":"qux","foo":["a",2,"c"]}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10},{"op":"replace","path":"/~1","value":1}]""", """{"/":1,"~1":10}""")]
    [InlineData("""{"foo":null}""", """[{"op":"test","path":"/foo","value":null}]""", """{"foo":null}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"","value":{"b":2}}]""", """{"b":2}""")]
    [InlineData("""{"":1}""", """[{"op":"remove","path":"/"}]""", "{}")]
    public void Apply_RfcExamples_Hold(string original, string patch, string expected)
    {
        var result = JsonPatch.Apply(J.Object(original), JsonNode.Parse(patch));

        Assert.True(result.Succeeded, result.Error);
        J.Equal(expected, result.Object);
    }

    [Theory]
    [InlineData("""[{"op":"test","path":"/foo","value":"other"}]""", PatchFailure.TestFailed)]
    [InlineData("""[{"op":"test","path":"/nothing","value":1}]""", PatchFailure.TestFailed)]
    [InlineData("""[{"op":"add","path":"/none/bat","value":1}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"remove","path":"/none"}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"replace","path":"/none","value":1}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"add","path":"/list/3","value":1}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"add","path":"/list/01","value":1}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"add","path":"/list/99999999999999999999","value":1}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"add","path":"/list/-1","value":1}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"remove","path":"/list/-"}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"copy","from":"/none","path":"/a"}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"replace","path":"","value":[]}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"remove","path":""}]""", PatchFailure.Unprocessable)]
    [InlineData("""[{"op":"move","from":"/map","path":"/map/x"}]""", PatchFailure.Malformed)]
    [InlineData("""[{"op":"add","path":"/a"}]""", PatchFailure.Malformed)]
    [InlineData("""[{"op":"add","path":"a","value":1}]""", PatchFailure.Malformed)]
    [InlineData("""[{"op":"spin","path":"/a","value":1}]""", PatchFailure.Malformed)]
    [InlineData("""[{"path":"/a","value":1}]""", PatchFailure.Malformed)]
    [InlineData("""[1]""", PatchFailure.Malformed)]
    [InlineData("""{"op":"add","path":"/a","value":1}""", PatchFailure.Malformed)]
    [InlineData("""[{"op":"move","path":"/a"}]""", PatchFailure.Malformed)]
    public void Apply_WhatCantBeDone_SaysWhyAndLeavesTheOriginal(string patch, PatchFailure failure)
    {
        var original = J.Object("""{"foo":"bar","list":[1,2],"map":{}}""");

        var result = JsonPatch.Apply(original, JsonNode.Parse(patch));

        Assert.Equal(failure, result.Failure);
        Assert.NotEmpty(result.Error!);
        J.Equal("""{"foo":"bar","list":[1,2],"map":{}}""", original);
    }

    [Fact]
    public void Apply_LaterOperationFails_NothingIsDone()
    {
        var original = J.Object("""{"a":1}""");

        var result = JsonPatch.Apply(original, JsonNode.Parse("""[{"op":"add","path":"/b","value":2},{"op":"test","path":"/a","value":9}]"""));

        Assert.False(result.Succeeded);
        Assert.Equal("operation 1: test /a: the test failed", result.Error);
        J.Equal("""{"a":1}""", original);
    }

    [Fact]
    public void Apply_NaiveDiffOfTwo_GivesTheSecond() => Gen.Int.Select(Gen.Int).Sample((first, second) =>
    {
        var from = J.Random(first);
        var to = J.Random(second);
        var patch = new JsonArray();
        Diff(from, to, "", patch);

        return JsonNode.DeepEquals(to, JsonPatch.Apply(from, patch).Object);
    });

    [Fact]
    public void Apply_CopiesThatDouble_AreStopped()
    {
        var patch = new JsonArray();
        for (var i = 0; i < 60; i++)
        {
            patch.Add((JsonNode)new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = "/a/-" });
        }

        var result = JsonPatch.Apply(J.Object("""{"a":[1]}"""), patch);

        Assert.Equal(PatchFailure.Malformed, result.Failure);
    }

    [Fact]
    public void Apply_NestingStepByStep_IsStopped()
    {
        var patch = new JsonArray();
        for (var i = 0; i < 5_000; i++)
        {
            patch.Add((JsonNode)new JsonObject { ["op"] = "move", ["from"] = "/a", ["path"] = "/b/x" });
            patch.Add((JsonNode)new JsonObject { ["op"] = "move", ["from"] = "/b", ["path"] = "/a" });
            patch.Add((JsonNode)new JsonObject { ["op"] = "add", ["path"] = "/b", ["value"] = new JsonObject() });
        }

        Assert.False(JsonPatch.Apply(J.Object("""{"a":{},"b":{}}"""), patch).Succeeded);
    }

    private static void Diff(JsonNode from, JsonNode to, string path, JsonArray patch)
    {
        if (from is not JsonObject before || to is not JsonObject after)
        {
            if (!JsonNode.DeepEquals(from, to))
            {
                patch.Add((JsonNode)new JsonObject { ["op"] = "replace", ["path"] = path, ["value"] = to.DeepClone() });
            }

            return;
        }

        foreach (var (name, value) in before)
        {
            var where = $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (after[name] is { } next)
            {
                Diff(value!, next, where, patch);
            }
            else
            {
                patch.Add((JsonNode)new JsonObject { ["op"] = "remove", ["path"] = where });
            }
        }

        foreach (var (name, value) in after.Where(pair => !before.ContainsKey(pair.Key)))
        {
            patch.Add((JsonNode)new JsonObject { ["op"] = "add", ["path"] = $"{path}/{name}", ["value"] = value!.DeepClone() });
        }
    }
}
