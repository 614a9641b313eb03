using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portico.EndToEnd.Echo;

public sealed class HttpEchoTests
{
    [Theory]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2.0", "HTTP/2")]
    public async Task Request_OneCleartextPort_DescribesWhatCame(string version, string protocol)
    {
        await using var echo = await RunningEcho.StartAsync();
        using var body = new StringContent("hello", Encoding.UTF8, "text/plain");
        body.Headers.Add("X-Test", ["a", "b"]);

        var answer = await echo.DescribeAsync(HttpMethod.Post, "/a%2Fb/c?x=1&y=", body, new(version));

        Assert.Equal("POST", (string?)answer["method"]);
        Assert.Equal("/a%2Fb/c", (string?)answer["path"]);
        Assert.Equal("x=1&y=", (string?)answer["query"]);
        Assert.Equal(protocol, (string?)answer["protocol"]);
        Assert.Equal(echo.Http.ToString(), (string?)answer["host"]);
        Assert.Equal("web-1", (string?)answer["pod"]);
        Assert.Equal("shop", (string?)answer["namespace"]);
        Assert.Equal("node1", (string?)answer["node"]);
        Assert.StartsWith("127.0.0.1:", (string?)answer["client"]);
        Assert.Equal(5, (long?)answer["body"]!["length"]);
        Assert.Equal("hello", (string?)answer["body"]!["text"]);
        Assert.Equal("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", (string?)answer["body"]!["sha256"]);
        var headers = answer["headers"]!.AsObject().ToDictionary(header => header.Key, header => (string?)header.Value, StringComparer.OrdinalIgnoreCase);
        Assert.Equal("a, b", headers["X-Test"]);
    }

    [Fact]
    public async Task Request_StatusAndSize_AsAsked()
    {
        await using var echo = await RunningEcho.StartAsync();

        using var refused = await echo.SendAsync(HttpMethod.Get, "/?status=503");
        using var large = await echo.SendAsync(HttpMethod.Get, "/?size=100001");
        var bytes = await large.Content.ReadAsByteArrayAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(100001, bytes.Length);
        Assert.Equal((byte)'0', bytes[^1]);
    }

    [Theory]
    [InlineData("/?status=99")]
    [InlineData("/?delay=soon")]
    [InlineData("/?size=-1")]
    public async Task Request_BadParameter_IsRefusedByName(string query)
    {
        await using var echo = await RunningEcho.StartAsync();

        using var response = await echo.SendAsync(HttpMethod.Get, query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(query[2..query.IndexOf('=', StringComparison.Ordinal)], await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_Lines_AsManyAsAsked()
    {
        await using var echo = await RunningEcho.StartAsync();
        using var response = await echo.SendAsync(HttpMethod.Get, "/?stream=3&interval=20ms");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var lines = await reader.ReadToEndAsync();

        Assert.Null(response.Content.Headers.ContentLength);
        Assert.Equal("1 web-1\n2 web-1\n3 web-1\n", lines);
    }

    [Fact]
    public async Task EchoBody_ComesBackWhileTheRequestIsStillOpen()
    {
        await using var echo = await RunningEcho.StartAsync();
        var goOn = new TaskCompletionSource();
        using var content = OpenContent.TwoParts(goOn.Task);

        using var response = await echo.SendAsync(HttpMethod.Post, "/echo-body", content, HttpVersion.Version20);
        var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[3];
        await stream.ReadExactlyAsync(buffer);
        Assert.Equal("one", Encoding.ASCII.GetString(buffer));
        goOn.SetResult();
        await stream.ReadExactlyAsync(buffer);

        Assert.Equal("two", Encoding.ASCII.GetString(buffer));
        Assert.Equal(0, await stream.ReadAsync(buffer));
    }

    [Fact]
    public async Task Connection_PrefaceByteByByte_IsHttp2()
    {
        await using var echo = await RunningEcho.StartAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(echo.Http);
        // The preface and an empty SETTINGS frame.
        byte[] hello = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];
        foreach (var value in hello)
        {
            await socket.SendAsync(new[] { value });
        }

        var answer = new byte[9];
        await new NetworkStream(socket).ReadExactlyAsync(answer);

        Assert.Equal(4, answer[3]); // SETTINGS, RFC 9113 section 6.5
    }

    [Fact]
    public async Task Connection_SilentOrHalfAPreface_DoesNotHoldTheEndBack()
    {
        await using var echo = await RunningEcho.StartAsync();
        using var silent = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await silent.ConnectAsync(echo.Http);
        using var half = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await half.ConnectAsync(echo.Http);
        await half.SendAsync("PRI * "u8.ToArray());

        await echo.AnnounceStopAsync();

        await echo.Ended.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
