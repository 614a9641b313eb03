using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portico.Cli.Echo;

namespace Portico.EndToEnd.Echo;

/// <summary>The echo image in this process, on free ports of loopback.</summary>
internal sealed class RunningEcho : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly EchoServer _server;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false });

    private RunningEcho(EchoServer server) => _server = server;

    public static EchoOptions Options { get; } = new() { Address = IPAddress.Loopback, HttpPort = 0, TcpPort = 0, UdpPort = 0, ShutdownDelay = TimeSpan.Zero };

    public Task Ended { get; private set; } = Task.CompletedTask;

    public IPEndPoint Http => new(IPAddress.Loopback, _server.HttpPort);

    public IPEndPoint Tcp => new(IPAddress.Loopback, _server.TcpPort);

    public IPEndPoint Udp => new(IPAddress.Loopback, _server.UdpPort);

    public static async Task<RunningEcho> StartAsync(EchoOptions? options = null, TimeProvider? time = null)
    {
        var server = new EchoServer(options ?? Options, new("web-1", "shop", "node1"), time ?? TimeProvider.System);
        await server.StartAsync(CancellationToken.None);
        var running = new RunningEcho(server);
        running.Ended = server.RunAsync(running._stop.Token);
        return running;
    }

    public Uri Url(string pathAndQuery, string scheme = "http") => new($"{scheme}://{Http}{pathAndQuery}");

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery, HttpContent? content = null, Version? version = null)
    {
        using var request = new HttpRequestMessage(method, Url(pathAndQuery))
        {
            Content = content,
            Version = version ?? HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return await _http.SendAsync(request, CancellationToken.None);
    }

    public async Task<JsonNode> DescribeAsync(HttpMethod method, string pathAndQuery, HttpContent? content = null, Version? version = null)
    {
        using var response = await SendAsync(method, pathAndQuery, content, version);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public Task AnnounceStopAsync() => _stop.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _stop.CancelAsync();
        await Ended.WaitAsync(TimeSpan.FromSeconds(10));
        await _server.DisposeAsync();
        _stop.Dispose();
    }
}
