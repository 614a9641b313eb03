using Portico.Api.Objects;
using Portico.Api.Selectors;

namespace Portico.Api.Tests.Selectors;

public sealed class LabelMatcherTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["tier"] = "front", ["empty"] = "", ["n"] = "5", ["example.com/x"] = "y" };

    [Theory]
    [InlineData("", true)]
    [InlineData("   ", true)]
    [InlineData("app", true)]
    [InlineData("!app", false)]
    [InlineData("! none", true)]
    [InlineData("none", false)]
    [InlineData("app=web", true)]
    [InlineData("app==web", true)]
    [InlineData(" app = web , tier != back ", true)]
    [InlineData("app!=web", false)]
    [InlineData("none!=web", true)]
    [InlineData("app in (api, web)", true)]
    [InlineData("app in(web)", true)]
    [InlineData("app notin (api)", true)]
    [InlineData("app notin (web)", false)]
    [InlineData("none notin (web)", true)]
    [InlineData("empty in ()", true)]
    [InlineData("empty in (,a)", true)]
    [InlineData("empty in (a,)", true)]
    [InlineData("app in ()", false)]
    [InlineData("empty=", true)]
    [InlineData("empty=,app=web", true)]
    [InlineData("app=", false)]
    [InlineData("n>4", true)]
    [InlineData("n > 5", false)]
    [InlineData("n<6", true)]
    [InlineData("app>4", false)]
    [InlineData("example.com/x=y", true)]
    [InlineData("app,tier", true)]
    [InlineData("in in (x)", false)]
    public void TryParse_Selector_MatchesAsUpstream(string text, bool matches)
    {
        Assert.True(LabelMatcher.TryParse(text, out var matcher, out var error), error);
        Assert.Equal(matches, matcher.Matches(Labels));
        Assert.Equal(matches, matcher.Matches(J.Object("""{"app":"web","tier":"front","empty":"","n":"5","example.com/x":"y"}""")));
    }

    [Theory]
    [InlineData("app=web,")]
    [InlineData(",app")]
    [InlineData("app=a=b")]
    [InlineData("app in")]
    [InlineData("app in web")]
    [InlineData("app in (web")]
    [InlineData("app in (a b)")]
    [InlineData("app web")]
    [InlineData("!")]
    [InlineData("!app=web")]
    [InlineData("=web")]
    [InlineData("app=we b")]
    [InlineData("app=(x)")]
    [InlineData("-app")]
    [InlineData("a/b/c=x")]
    [InlineData("app=-x")]
    [InlineData("n>x")]
    [InlineData("app in (a))")]
    public void TryParse_BadSelector_IsRefused(string text)
    {
        Assert.False(LabelMatcher.TryParse(text, out var matcher, out var error));
        Assert.NotEmpty(error!);
        Assert.True(matcher.IsEverything);
    }

    [Fact]
    public void From_Selector_HasAllFourOperators()
    {
        static LabelMatcher With(string key, string @operator, params string[] values) =>
            LabelMatcher.From(new LabelSelector { MatchExpressions = [new() { Key = key, Operator = @operator, Values = values }] });

        Assert.True(With("app", "In", "web").Matches(Labels));
        Assert.False(With("app", "NotIn", "web").Matches(Labels));
        Assert.True(With("app", "Exists").Matches(Labels));
        Assert.False(With("app", "DoesNotExist").Matches(Labels));
        Assert.False(With("app", "Resembles", "web").Matches(Labels));
        Assert.True(LabelMatcher.From(new LabelSelector()).IsEverything);
    }

    [Fact]
    public void Matches_NoLabels_IsAnEmptyMap() => Assert.True(LabelMatcher.TryParse("!app", out var matcher, out _) && matcher.Matches((System.Text.Json.Nodes.JsonObject?)null));
}
