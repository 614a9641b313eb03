using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Portico.Api.Json;

namespace Portico.Api.Tests.Json;

public sealed class StrictJsonTests
{
    [Fact]
    public void TryRead_Duplicates_AreNamedAndTheLastWins()
    {
        Assert.True(Read("""{"a":1,"a":2,"m":{"l":[{"x":1,"x":[]}]},"m2":{"k":{},"k":1}}""", out var node, out var duplicates, out _));

        Assert.Equal(["a", "m.l[0].x", "m2.k"], duplicates);
        J.Equal("""{"a":2,"m":{"l":[{"x":[]}]},"m2":{"k":1}}""", node);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}x")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{a:1}")]
    [InlineData("// x\n{}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public void TryRead_NoJson_IsAnError(string text)
    {
        Assert.False(Read(text, out var node, out _, out var error));
        Assert.Null(node);
        Assert.NotEmpty(error!);
    }

    [Fact]
    public void TryRead_DeepNesting_IsAnError() => Assert.False(Read(new string('[', 100_000), out _, out _, out _));

    [Fact]
    public void TryRead_Numbers_KeepTheirForm()
    {
        Assert.True(Read("""{"a":9223372036854775807,"b":0.1,"c":1e400,"d":123456789012345678901234567890}""", out var node, out _, out _));

        Assert.Equal("""{"a":9223372036854775807,"b":0.1,"c":1e400,"d":123456789012345678901234567890}""", node!.ToJsonString());
    }

    [Fact]
    public void TryRead_WhatWasWritten_ReadsTheSame() => Gen.Int.Sample(seed =>
        Read(J.Random(seed).ToJsonString(), out var node, out var duplicates, out _) && duplicates.Count == 0 && JsonNode.DeepEquals(J.Random(seed), node));

    [Fact]
    public void TryRead_AnyBytes_NeverThrows() => Gen.Byte.Array[0, 60].Sample(bytes => StrictJson.TryRead(bytes, out _, out _, out var error) == error is null);

    private static bool Read(string text, out JsonNode? node, out IReadOnlyList<string> duplicates, out string? error) =>
        StrictJson.TryRead(Encoding.UTF8.GetBytes(text), out node, out duplicates, out error);
}
