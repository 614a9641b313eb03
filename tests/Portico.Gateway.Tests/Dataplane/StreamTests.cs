using System.Net.WebSockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portico.Gateway.Tests.Fakes;

namespace Portico.Gateway.Tests.Dataplane;

public sealed class StreamTests
{
    private static readonly Marshaller<byte[]> Bytes = new(static bytes => bytes, static bytes => bytes);
    private static readonly Method<byte[], byte[]> Duplex = new(MethodType.DuplexStreaming, "echo.Echo", "Stream", Bytes, Bytes);
    private static readonly Method<byte[], byte[]> Unary = new(MethodType.Unary, "echo.Echo", "Once", Bytes, Bytes);

    [Theory]
    [InlineData("ws", "1.1")]
    [InlineData("wss", "1.1")]
    [InlineData("ws", "2.0")]
    [InlineData("wss", "2.0")]
    public async Task WebSocket_EachProtocol_EchoesBothWays(string scheme, string version)
    {
        await using var upstream = await Upstream.StartAsync(WebSocketEchoAsync);
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var socket = await ConnectAsync(gateway, scheme, version);
        await EchoAsync(socket, "hello");
        await EchoAsync(socket, new string('x', 100_000));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task WebSocket_EndpointLeavesAndRoutesChange_GoesOn()
    {
        await using var upstream = await Upstream.StartAsync(WebSocketEchoAsync);
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var socket = await ConnectAsync(gateway, "wss", "1.1");
        gateway.Endpoints();
        gateway.Model.Apply(Certificates.Secret("shop", "shop-tls", "second"));
        gateway.Model.Flush();
        await EchoAsync(socket, "still here");
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Grpc_UnaryAndDuplex_CarryMessagesAndTrailers(string scheme)
    {
        await using var upstream = await Upstream.StartAsync(GrpcEchoAsync, HttpProtocols.Http2);
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var channel = GrpcChannel.ForAddress($"{scheme}://shop.test", new() { HttpHandler = gateway.Handler(), DisposeHttpClient = true });
        var invoker = channel.CreateCallInvoker();

        using var call = invoker.AsyncUnaryCall(Unary, null, new(), [1, 2, 3]);
        Assert.Equal([1, 2, 3], await call.ResponseAsync);
        Assert.Equal("yes", call.GetTrailers().GetValue("x-trailer"));

        using var duplex = invoker.AsyncDuplexStreamingCall(Duplex, null, new());
        for (byte i = 0; i < 5; i++)
        {
            // Each answer before the next question: nothing may wait for the end of a stream.
            await duplex.RequestStream.WriteAsync([i]);
            Assert.True(await duplex.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10)));
            Assert.Equal([i], duplex.ResponseStream.Current);
        }

        await duplex.RequestStream.CompleteAsync();
        Assert.False(await duplex.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("yes", duplex.GetTrailers().GetValue("x-trailer"));
    }

    [Fact]
    public async Task Grpc_NoEndpoint_IsUnavailable()
    {
        await using var gateway = await LiveGateway.StartAsync();
        using var channel = GrpcChannel.ForAddress("http://shop.test", new() { HttpHandler = gateway.Handler(), DisposeHttpClient = true });
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(Unary, null, new(), []).ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    internal static async Task WebSocketEchoAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await context.Response.WriteAsync("plain");
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[1 << 16];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, context.RequestAborted);
        }
    }

    internal static async Task<ClientWebSocket> ConnectAsync(LiveGateway gateway, string scheme, string version)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var invoker = new HttpMessageInvoker(gateway.Handler());
        await socket.ConnectAsync(new Uri($"{scheme}://shop.test:{(scheme == "wss" ? 443 : 80)}/chat"), invoker, limit.Token);
        return socket;
    }

    internal static async Task EchoAsync(ClientWebSocket socket, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, limit.Token);
        var received = new MemoryStream();
        var buffer = new byte[1 << 16];
        WebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer, limit.Token);
            received.Write(buffer, 0, result.Count);
        }
        while (!result.EndOfMessage);

        Assert.Equal(text, Encoding.UTF8.GetString(received.ToArray()));
    }

    // A gRPC message is a length-prefixed frame in the body: sending the body back as it comes echoes every message.
    private static async Task GrpcEchoAsync(HttpContext context)
    {
        Assert.Equal("HTTP/2", context.Request.Protocol);
        context.Response.ContentType = "application/grpc";
        var buffer = new byte[1 << 14];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        context.Response.AppendTrailer("grpc-status", "0");
        context.Response.AppendTrailer("x-trailer", "yes");
    }
}
