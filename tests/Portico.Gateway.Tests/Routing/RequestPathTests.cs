using CsCheck;
using Portico.Gateway.Routing;
using Portico.Gateway.Tests.Fakes;

namespace Portico.Gateway.Tests.Routing;

public sealed class RequestPathTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/a/b/", "/a/b/")]
    [InlineData("//a///b", "/a/b")]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/a/.", "/a/")]
    [InlineData("/a%2Fb", "/a/b")]
    [InlineData("/a/%2e%2E/b", "/b")]
    [InlineData("/%C3%A9", "/é")]
    [InlineData("/a%20b", "/a b")]
    [InlineData("/.hidden/..x", "/.hidden/..x")]
    [InlineData("/a//../b", "/b")]
    public void TryNormalize_Path_GivesNormalForm(string path, string expected)
    {
        Assert.True(RequestPath.TryNormalize(path, out var normal));
        Assert.Equal(expected, normal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/..")]
    [InlineData("/a/../../b")]
    [InlineData("/%2e%2e")]
    [InlineData("/%")]
    [InlineData("/%4")]
    [InlineData("/%zz")]
    [InlineData("/a%00b")]
    public void TryNormalize_BadPath_IsRefused(string path) => Assert.False(RequestPath.TryNormalize(path, out _));

    [Fact]
    public void TryNormalize_AnyText_NeverThrowsAndIsIdempotentWithoutEscapes()
    {
        var piece = Pick.From("/", ".", "..", "%2f", "%2E", "%", "%4", "a", "b", "\\", "é", "\0", "?", "%C3");
        piece.Array[0, 12].Sample(pieces =>
        {
            var path = "/" + string.Concat(pieces);
            if (!RequestPath.TryNormalize(path, out var normal))
            {
                return;
            }

            Assert.StartsWith("/", normal, StringComparison.Ordinal);
            Assert.DoesNotContain("//", normal!, StringComparison.Ordinal);
            Assert.DoesNotContain("..", normal!.Split('/'));
            Assert.DoesNotContain(".", normal.Split('/'));
            if (RequestPath.IsNormal(path))
            {
                Assert.Equal(path, normal);
            }
        }, iter: 5_000);
    }

    [Theory]
    [InlineData("/a?b=/c", "/a")]
    [InlineData("/a#b", "/a")]
    [InlineData("http://h.test/a?b", "/a")]
    [InlineData("http://h.test", "/")]
    [InlineData("http://h.test?x", "/")]
    [InlineData("*", "")]
    [InlineData("h.test:443", "")]
    public void OfTarget_RequestTarget_IsItsPath(string target, string expected) => Assert.Equal(expected, RequestPath.OfTarget(target).ToString());
}
