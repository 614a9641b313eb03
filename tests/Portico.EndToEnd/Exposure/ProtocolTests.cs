using System.Net.WebSockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Portico.EndToEnd.Clusters;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Exposure;

/// <summary>Every protocol that the gateway forwards, by clients that we did not write.</summary>
public sealed class ProtocolTests(ShopCluster shop) : ClusterTest(shop)
{
    private static readonly Marshaller<string> Text = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);
    private static readonly Method<string, string> Duplex = new(MethodType.DuplexStreaming, "any.Service", "Talk", Text, Text);

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Http2_ManyStreams_AllSucceed(string scheme)
    {
        var load = await Cluster.ClientAsync(
            ["h2load", "-n", "400", "-c", "4", "-m", "10", "--connect-to", Gateway.ToString(), $"{scheme}://shop.example/"], Stop);

        Assert.Contains("400 succeeded, 0 failed", load.OrThrow("h2load").Output, StringComparison.Ordinal);
        Assert.Contains("status codes: 400 2xx", load.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ws")]
    [InlineData("wss")]
    public async Task WebSocket_Echoes(string scheme)
    {
        using var handler = LanClient.CreateHandler(Cluster.ClientNamespace, Gateway);
        handler.SslOptions.RemoteCertificateValidationCallback = LanClient.AnyCertificate;
        using var http = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"{scheme}://shop.example/api/socket"), http, Stop);

        foreach (var message in (string[])["one", new string('x', 100_000), "three"])
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, Stop);
            Assert.Equal(message, await ReadAsync(socket));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Stop);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Grpc_Duplex_EachMessageComesBackBeforeTheNextIsSent(string scheme)
    {
        using var handler = LanClient.CreateHandler(Cluster.ClientNamespace, Gateway);
        handler.SslOptions.RemoteCertificateValidationCallback = LanClient.AnyCertificate;
        using var channel = GrpcChannel.ForAddress($"{scheme}://shop.example", new GrpcChannelOptions { HttpHandler = handler });
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Duplex, null, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(20), cancellationToken: Stop));

        foreach (var message in (string[])["one", "", new string('x', 100_000)])
        {
            await call.RequestStream.WriteAsync(message, Stop);
            Assert.True(await call.ResponseStream.MoveNext(Stop));
            Assert.Equal(message, call.ResponseStream.Current);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Stop));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Response_StreamsAsItIsMade()
    {
        using var http = new HttpClient(LanClient.CreateHandler(Cluster.ClientNamespace, Gateway));
        using var response = await http.GetAsync(new Uri("http://shop.example/?stream=3&interval=500ms"), HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        var clock = System.Diagnostics.Stopwatch.StartNew();

        Assert.StartsWith("1 ", await reader.ReadLineAsync(Stop), StringComparison.Ordinal);

        // The third line is made a second later; a buffered answer would bring the first with it.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMilliseconds(800));
        Assert.Equal(2, (await reader.ReadToEndAsync(Stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Body_OfManyMegabytes_ComesBackWhole()
    {
        var body = new byte[8 * 1024 * 1024];
        new Random(1).NextBytes(body);
        using var http = new HttpClient(LanClient.CreateHandler(Cluster.ClientNamespace, Gateway));
        using var content = new ByteArrayContent(body);

        using var response = await http.PostAsync(new Uri("http://any.paths.example/sock"), content, Stop);
        var answer = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!;

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body)), answer["body"]!["sha256"]!.GetValue<string>());
    }

    private static async Task<string> ReadAsync(WebSocket socket)
    {
        var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), Stop);
            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return Encoding.UTF8.GetString(text.ToArray());
            }
        }
    }
}
