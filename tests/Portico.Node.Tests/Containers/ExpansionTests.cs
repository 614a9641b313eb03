using Portico.Node.Containers;

namespace Portico.Node.Tests.Containers;

public sealed class ExpansionTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["A"] = "1", ["B"] = "$(A)", ["EMPTY"] = "" };

    // Cases of upstream's expansion tests.
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$(A)", "1")]
    [InlineData("x-$(A)-$(A)-y", "x-1-1-y")]
    [InlineData("$(EMPTY)", "")]
    [InlineData("$(B)", "$(A)")]
    [InlineData("$(MISSING)", "$(MISSING)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("$$$$(A)", "$$(A)")]
    [InlineData("$A", "$A")]
    [InlineData("$(A", "$(A")]
    [InlineData("cost 5$", "cost 5$")]
    [InlineData("$", "$")]
    public void Expand_Text_Is(string text, string expected) => Assert.Equal(expected, Expansion.Expand(text, Variables));
}
