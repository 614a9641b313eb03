using System.Text.Json.Nodes;
using Portico.Api.Selectors;

namespace Portico.Api.Tests.Selectors;

public sealed class FieldSelectorTests
{
    private static readonly JsonObject Pod = J.Object(
        """{"metadata":{"name":"web","namespace":"shop"},"spec":{"nodeName":"node1","hostNetwork":true,"n":5},"status":{"phase":"Running","odd":"a,b=c\\d"}}""");

    [Theory]
    [InlineData("", true)]
    [InlineData("metadata.name=web", true)]
    [InlineData("metadata.name==web", true)]
    [InlineData("metadata.name!=web", false)]
    [InlineData("metadata.name=web,status.phase!=Running", false)]
    [InlineData("metadata.name=web,status.phase!=Failed,spec.nodeName=node1", true)]
    [InlineData("spec.nothing=", true)]
    [InlineData("spec.nodeName!=", true)]
    [InlineData("spec.hostNetwork=true", true)]
    [InlineData("spec.n=5", true)]
    [InlineData(@"status.odd=a\,b\=c\\d", true)]
    [InlineData("metadata.name.x=", true)]
    public void Matches_Selector_ComparesTexts(string text, bool matches)
    {
        Assert.True(FieldSelector.TryParse(text, out var selector, out var error), error);
        Assert.Equal(matches, selector.Matches(Pod));
    }

    [Theory]
    [InlineData("metadata.name")]
    [InlineData("=web")]
    [InlineData("!=web")]
    [InlineData("a=b=c")]
    [InlineData(@"a=b\x")]
    [InlineData(@"a=b\")]
    public void TryParse_BadSelector_IsRefused(string text)
    {
        Assert.False(FieldSelector.TryParse(text, out _, out var error));
        Assert.Contains("can't understand", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Required_Equality_GivesItsValue()
    {
        Assert.True(FieldSelector.TryParse("metadata.name=web,spec.nodeName!=x", out var selector, out _));

        Assert.Equal("web", selector.Required("metadata.name"));
        Assert.Null(selector.Required("spec.nodeName"));
    }
}
