using CsCheck;
using Portico.Gateway.Metrics;
using Portico.Gateway.Routing;
using Portico.Gateway.Tests.Fakes;

namespace Portico.Gateway.Tests.Routing;

public sealed class RouteTableTests
{
    private static readonly Gen<string> Host = Pick.From("", "a.test", "b.test", "*.test", "*.a.test", "x.a.test", "*.b.test", "test");
    private static readonly Gen<string> Element = Pick.From("a", "b", "A", "ab", "a.b", "é", "%");
    private static readonly Gen<string> Path = Gen.Select(Element.Array[0, 4], Gen.Bool, (elements, slash) => "/" + string.Join('/', elements) + (slash && elements.Length > 0 ? "/" : ""));

    private static readonly Gen<RouteRule> Rule = Gen.Select(Host, Gen.Int[0, 6], Path, (host, kind, path) => kind switch
    {
        0 => new RouteRule(host, PathKind.Default, "", null, "", ""),
        < 3 => new RouteRule(host, PathKind.Exact, path, null, "", ""),
        _ => new RouteRule(host, PathKind.Prefix, path.Length > 1 ? path.TrimEnd('/') : path, null, "", ""),
    });

    private static readonly Gen<string> RequestHost = Pick.From("a.test", "A.Test", "b.test", "x.a.test", "y.x.a.test", "c.test", "test", ".test", "", "other");

    [Fact]
    public void Match_AnyTableAndRequest_SameAsReadingTheRulesOneByOne()
    {
        Gen.Select(Rule.Array[0, 20], RequestHost, Path).Sample((given, host, path) =>
        {
            var rules = given.Select((rule, index) => rule with { Owner = $"{index}" }).DistinctBy(rule => (rule.Host, rule.Kind, rule.Path)).ToArray();
            var expected = NaiveMatcher.Match(rules, host, path);
            var found = Table(rules).Match(host, path)?.Rule;
            Assert.True(Equals(expected, found), $"{host}{path}: expected {expected}, found {found}\n{string.Join("\n", rules.Select(rule => rule.ToString()))}");
        }, iter: 20_000);
    }

    // The table in the Ingress documentation of Kubernetes.
    [Theory]
    [InlineData("Prefix", "/", "/", true)]
    [InlineData("Prefix", "/", "/any/path", true)]
    [InlineData("Exact", "/foo", "/foo", true)]
    [InlineData("Exact", "/foo", "/bar", false)]
    [InlineData("Exact", "/foo", "/foo/", false)]
    [InlineData("Exact", "/foo/", "/foo", false)]
    [InlineData("Prefix", "/foo", "/foo", true)]
    [InlineData("Prefix", "/foo", "/foo/", true)]
    [InlineData("Prefix", "/aaa/bb", "/aaa/bbb", false)]
    [InlineData("Prefix", "/aaa/bbb", "/aaa/bbb", true)]
    [InlineData("Prefix", "/aaa/bbb", "/aaa/bbb/", true)]
    [InlineData("Prefix", "/aaa/bbb", "/aaa/bbb/ccc", true)]
    [InlineData("Prefix", "/aaa/bbb", "/aaa/bbbxyz", false)]
    [InlineData("Prefix", "/Foo", "/foo", false)]
    public void Match_PathOfUpstreamsTable_MatchesAsThere(string kind, string rule, string path, bool expected)
    {
        var table = Table(new RouteRule("h.test", Enum.Parse<PathKind>(kind), rule, null, "", ""));
        Assert.Equal(expected, table.Match("h.test", path) is not null);
    }

    [Theory]
    [InlineData("h.test:8080")]
    [InlineData("H.TEST")]
    [InlineData("h.test.")]
    [InlineData("h.test.:80")]
    public void Match_HostWithPortDotOrCase_IsTheSameHost(string host) =>
        Assert.NotNull(Table(new RouteRule("h.test", PathKind.Prefix, "/", null, "", "")).Match(host, "/"));

    [Fact]
    public void Match_HostWithRulesButOtherPath_DoesNotFallToEveryHost()
    {
        var table = Table(
            new RouteRule("h.test", PathKind.Prefix, "/mine", null, "", ""),
            new RouteRule("*.test", PathKind.Prefix, "/", null, "", ""),
            new RouteRule("", PathKind.Prefix, "/", null, "", ""));
        Assert.Null(table.Match("h.test", "/other"));
    }

    [Fact]
    public void Match_InTheSteadyState_AllocatesNothing()
    {
        var table = Table(
            new RouteRule("h.test", PathKind.Prefix, "/a/b", null, "", ""), new RouteRule("*.w.test", PathKind.Exact, "/e", null, "", ""));
        Assert.NotNull(table.Match("h.test:80", "/a/b/c/d"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            table.Match("h.test:80", "/a/b/c/d");
            table.Match("x.w.test", "/e");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static RouteTable Table(params RouteRule[] rules) => new(
        rules.GroupBy(rule => rule.Host).ToDictionary(
            group => group.Key, group => new HostRoutes([.. group.Select(rule => new Route(rule, null, new RouteMetrics("", "")))])));
}
