using System.Text;
using Grpc.Core;
using Grpc.Net.Client;

namespace Portico.EndToEnd.Echo;

/// <summary>A real gRPC client, without generated code: messages are bytes.</summary>
public sealed class GrpcEchoTests
{
    private static readonly Marshaller<string> Text = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    private static CallOptions Soon => new(deadline: DateTime.UtcNow.AddSeconds(10));

    [Fact]
    public async Task Unary_MessageComesBack()
    {
        await using var echo = await RunningEcho.StartAsync();
        using var channel = GrpcChannel.ForAddress(echo.Url("/"));
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(Method(MethodType.Unary), null, Soon, "hello");

        Assert.Equal("hello", await call.ResponseAsync);
        Assert.Equal("web-1", (await call.ResponseHeadersAsync).GetValue("x-echo-pod"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Duplex_EachMessageComesBackBeforeTheNextIsSent()
    {
        await using var echo = await RunningEcho.StartAsync();
        using var channel = GrpcChannel.ForAddress(echo.Url("/"));
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Method(MethodType.DuplexStreaming), null, Soon);

        foreach (var message in (string[])["one", "", new string('x', 100_000)])
        {
            await call.RequestStream.WriteAsync(message);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(message, call.ResponseStream.Current);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Unary_MessageOverTheLimit_IsResourceExhausted()
    {
        await using var echo = await RunningEcho.StartAsync();
        using var channel = GrpcChannel.ForAddress(echo.Url("/"));
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(Method(MethodType.Unary), null, Soon, new string('x', (4 * 1024 * 1024) + 1));

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
    }

    private static Method<string, string> Method(MethodType type) => new(type, "any.Service", "Method", Text, Text);
}
