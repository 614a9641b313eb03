using System.Text.Json.Nodes;
using CsCheck;
using Portico.Api.Patches;

namespace Portico.Api.Tests.Patches;

public sealed class MergePatchTests
{
    // RFC 7396, appendix A, as far as both sides are objects.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Apply_Rfc7396Examples_Hold(string original, string patch, string expected) =>
        J.Equal(expected, MergePatch.Apply(J.Object(original), J.Object(patch)).Object);

    [Fact]
    public void Apply_DiffOfTwo_GivesTheSecond() => Gen.Int.Select(Gen.Int).Sample((first, second) =>
    {
        var from = J.Random(first);
        var to = J.Random(second);
        var before = from.DeepClone();

        return JsonNode.DeepEquals(to, MergePatch.Apply(from, MergePatch.Diff(from, to)).Object) && JsonNode.DeepEquals(before, from);
    });

    [Fact]
    public void Diff_OfEqual_IsEmpty() => Gen.Int.Sample(seed => MergePatch.Diff(J.Random(seed), J.Random(seed)).Count == 0);

    [Fact]
    public void Apply_HostileDepth_IsRefused()
    {
        JsonNode patch = new JsonObject();
        for (var i = 0; i < 5_000; i++)
        {
            patch = new JsonObject { ["a"] = patch };
        }

        var result = MergePatch.Apply([], (JsonObject)patch);

        Assert.False(result.Succeeded);
        Assert.Equal(PatchFailure.Malformed, result.Failure);
    }
}
