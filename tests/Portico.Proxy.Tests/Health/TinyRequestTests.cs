using System.Text;
using CsCheck;
using Portico.Proxy.Health;

namespace Portico.Proxy.Tests.Health;

public sealed class TinyRequestTests
{
    [Theory]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "/healthz", false)]
    [InlineData("HEAD /livez?x=1 HTTP/1.0\r\n\r\n", "/livez", true)]
    public void TryRead_Probe_PathWithoutQuery(string text, string path, bool headOnly)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(bytes.Length, TinyRequest.HeadLength(bytes));
        Assert.True(TinyRequest.TryRead(bytes, out var read, out var head));
        Assert.Equal((path, headOnly), (read, head));
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\n\r\n")]
    [InlineData("GET  HTTP/1.1\r\n\r\n")]
    [InlineData("GET http://x/ HTTP/1.1\r\n\r\n")]
    [InlineData("GET /a b HTTP/1.1\r\n\r\n")]
    [InlineData("GET /\u0001 HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/2\r\n\r\n")]
    [InlineData("GET /\r\n\r\n")]
    [InlineData("\r\n\r\n")]
    public void TryRead_SomethingElse_False(string text) => Assert.False(TinyRequest.TryRead(Encoding.ASCII.GetBytes(text), out _, out _));

    [Fact]
    public void TryRead_AnyBytes_NeverThrowsAndNeverAnOddPath() => Gen.Byte.Array.Sample(bytes =>
    {
        TinyRequest.HeadLength(bytes);
        if (TinyRequest.TryRead(bytes, out var path, out _))
        {
            Assert.StartsWith("/", path, StringComparison.Ordinal);
        }
    });
}
