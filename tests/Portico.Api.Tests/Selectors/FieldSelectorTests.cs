using Portico.Api.Selectors;

namespace Portico.Api.Tests.Selectors;

public sealed class FieldSelectorTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("metadata.name=web", "metadata.name = web")]
    [InlineData("metadata.name==web", "metadata.name = web")]
    [InlineData("metadata.name!=web,", "metadata.name ! web")]
    [InlineData("metadata.name=web,status.phase!=Failed", "metadata.name = web; status.phase ! Failed")]
    [InlineData("spec.nodeName=", "spec.nodeName = ")]
    [InlineData(@"status.odd=a\,b\=c\\d", @"status.odd = a,b=c\d")]
    public void TryParse_Selector_GivesItsTerms(string text, string expected)
    {
        Assert.True(FieldSelector.TryParse(text, out var terms, out var error), error);
        Assert.Equal(expected, string.Join("; ", terms.Select(static term => $"{term.Path} {(term.Equal ? '=' : '!')} {term.Value}")));
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
}
