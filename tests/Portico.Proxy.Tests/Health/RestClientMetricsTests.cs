using System.Net;
using System.Net.Sockets;
using Portico.Proxy.Health;

namespace Portico.Proxy.Tests.Health;

public sealed class RestClientMetricsTests
{
    [Fact]
    public async Task Write_AnswersAndFailuresOfTheServerAlone_AreCounted()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        other.Start();
        using var metrics = new RestClientMetrics(UriOf(server));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());

        await AskAsync(http, server, HttpMethod.Get, "HTTP/1.1 200 OK");
        await AskAsync(http, server, HttpMethod.Get, "HTTP/1.1 200 OK");
        await AskAsync(http, server, HttpMethod.Patch, "HTTP/1.1 409 Conflict");
        await AskAsync(http, other, HttpMethod.Get, "HTTP/1.1 200 OK");
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(http, server, HttpMethod.Get, "no HTTP"));

        var text = new MetricsText();
        metrics.Write(text);
        var lines = text.ToString().Split('\n');
        var host = $"host=\"127.0.0.1:{UriOf(server).Port}\"";
        Assert.Contains($$"""rest_client_requests_total{code="200",{{host}},method="GET"} 2""", lines);
        Assert.Contains($$"""rest_client_requests_total{code="409",{{host}},method="PATCH"} 1""", lines);
        Assert.Contains($$"""rest_client_requests_total{code="<error>",{{host}},method="GET"} 1""", lines);
        Assert.Contains($$"""rest_client_request_duration_seconds_count{{{host}},verb="GET"} 3""", lines);
        Assert.Equal(3, lines.Count(static line => line.StartsWith("rest_client_requests_total{", StringComparison.Ordinal)));
    }

    private static Uri UriOf(TcpListener server) => new($"http://{server.LocalEndpoint}/");

    private static async Task AskAsync(HttpMessageInvoker http, TcpListener server, HttpMethod method, string head)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var request = new HttpRequestMessage(method, UriOf(server));
        var asking = http.SendAsync(request, limit.Token);
        using (var connection = await server.AcceptSocketAsync(limit.Token))
        {
            await connection.ReceiveAsync(new byte[4096], limit.Token);
            await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes($"{head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), limit.Token);
        }

        (await asking).Dispose();
    }
}
