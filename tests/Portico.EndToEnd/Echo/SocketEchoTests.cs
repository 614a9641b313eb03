using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Portico.EndToEnd.Echo;

public sealed class SocketEchoTests
{
    [Fact]
    public async Task Tcp_Greeting_ComesFirstThenTheEcho()
    {
        await using var echo = await RunningEcho.StartAsync(RunningEcho.Options with { TcpGreeting = true });
        using var client = new TcpClient();
        await client.ConnectAsync(echo.Tcp);
        var stream = client.GetStream();
        await stream.WriteAsync("hello"u8.ToArray());
        client.Client.Shutdown(SocketShutdown.Send);

        using var reader = new StreamReader(stream);

        Assert.Equal("web-1\nhello", await reader.ReadToEndAsync());
    }

    [Theory]
    [InlineData(false, "hello")]
    [InlineData(true, "web-1 hello")]
    public async Task Udp_AnswersTheDatagram(bool name, string expected)
    {
        await using var echo = await RunningEcho.StartAsync(RunningEcho.Options with { UdpName = name });
        using var client = new UdpClient(AddressFamily.InterNetwork);

        await client.SendAsync("hello"u8.ToArray(), echo.Udp);
        var answer = await client.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(expected, Encoding.ASCII.GetString(answer.Buffer));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task WebSocket_TextAndBinary_ComeBack(string version)
    {
        await using var echo = await RunningEcho.StartAsync();
        using var handler = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var client = await ConnectAsync(echo, version, handler);

        Assert.Equal((WebSocketMessageType.Text, "hello"), await RoundTripAsync(client, "hello", WebSocketMessageType.Text));
        Assert.Equal((WebSocketMessageType.Binary, "\x1\x2"), await RoundTripAsync(client, "\x1\x2", WebSocketMessageType.Binary));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Fact]
    public async Task Stop_OpenWebSocketAndTcp_GoOnUntilTheirEnd()
    {
        await using var echo = await RunningEcho.StartAsync();
        using var handler = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var socket = await ConnectAsync(echo, "1.1", handler);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(echo.Tcp);
        // A first round trip: accepted, not only in the backlog.
        await RoundTripAsync(socket, "before", WebSocketMessageType.Text);
        await RoundTripAsync(tcp, "before");

        await echo.AnnounceStopAsync();

        Assert.Equal((WebSocketMessageType.Text, "after"), await RoundTripAsync(socket, "after", WebSocketMessageType.Text));
        Assert.Equal("after", await RoundTripAsync(tcp, "after"));
        Assert.False(echo.Ended.IsCompleted);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        tcp.Close();
        await echo.Ended.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static async Task<ClientWebSocket> ConnectAsync(RunningEcho echo, string version, HttpMessageInvoker handler)
    {
        var client = new ClientWebSocket();
        client.Options.HttpVersion = new(version);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await client.ConnectAsync(echo.Url("/any/path", "ws"), handler, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        return client;
    }

    private static async Task<(WebSocketMessageType Type, string Text)> RoundTripAsync(ClientWebSocket client, string text, WebSocketMessageType type)
    {
        await client.SendAsync(Encoding.UTF8.GetBytes(text), type, true, CancellationToken.None);
        var buffer = new byte[100];
        var received = await client.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        return (received.MessageType, Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    private static async Task<string> RoundTripAsync(TcpClient client, string text)
    {
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text));
        var buffer = new byte[text.Length];
        await client.GetStream().ReadExactlyAsync(buffer);
        return Encoding.UTF8.GetString(buffer);
    }
}
