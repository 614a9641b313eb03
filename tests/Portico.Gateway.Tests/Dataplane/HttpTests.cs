using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portico.Gateway.Tests.Fakes;

namespace Portico.Gateway.Tests.Dataplane;

public sealed class HttpTests
{
    [Theory]
    [InlineData("http", "1.1")]
    [InlineData("http", "2.0")]
    [InlineData("https", "1.1")]
    [InlineData("https", "2.0")]
    public async Task Request_EachProtocol_ReachesTheEndpointWithForwardingHeaders(string scheme, string version)
    {
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            var headers = context.Request.Headers;
            await context.Response.WriteAsync(
                $"{context.Request.Method} {headers.Host} {context.Features.Get<IHttpRequestFeature>()!.RawTarget} {headers["X-Forwarded-For"]} {headers["X-Real-IP"]} "
                + $"{headers["X-Forwarded-Proto"]} {headers["X-Forwarded-Host"]} {headers["X-Own"]} {headers["X-Request-ID"].ToString().Length}");
        });
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var client = gateway.Client(Version.Parse(version));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://shop.test/a/b?q=%2F")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "X-Forwarded-For", "6.6.6.6" }, { "X-Real-IP", "6.6.6.6" }, { "X-Forwarded-Proto", "ftp" }, { "X-Own", "kept" } },
        };

        using var response = await client.SendAsync(request);

        Assert.Equal(Version.Parse(version), response.Version);
        Assert.Equal($"GET shop.test /a/b?q=%2F 127.0.0.1 127.0.0.1 {scheme} shop.test kept 32", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Request_NoRoute_Is404ThatNamesHostAndPath()
    {
        await using var gateway = await LiveGateway.StartAsync();
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://other.test/x?secret=1") { Headers = { { "X-Request-ID", "abc-1" } } };

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(["abc-1"], response.Headers.GetValues("X-Request-ID"));
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("other.test", body.RootElement.GetProperty("host").GetString());
        Assert.Equal("/x", body.RootElement.GetProperty("path").GetString());
        Assert.Equal("abc-1", body.RootElement.GetProperty("requestId").GetString());
    }

    [Fact]
    public async Task Request_NoEndpoint_Is503()
    {
        await using var gateway = await LiveGateway.StartAsync();
        using var client = gateway.Client();
        using var response = await client.GetAsync(new Uri("http://shop.test/"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("shop/web:80", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_EndpointRefuses_Is502WithABody()
    {
        await using var gateway = await LiveGateway.StartAsync();
        gateway.Endpoints(ClosedPort());
        using var client = gateway.Client();
        using var response = await client.GetAsync(new Uri("http://shop.test/"));
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("no endpoint could be reached", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "some body")]
    public async Task Request_SomeEndpointsRefuse_GoesToTheNext(string method, string body)
    {
        await using var upstream = await Upstream.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var gateway = await LiveGateway.StartAsync();
        gateway.Endpoints(ClosedPort(), upstream.Port, ClosedPort());
        using var client = gateway.Client();
        for (var i = 0; i < 30; i++)
        {
            using var request = new HttpRequestMessage(new(method), "http://shop.test/") { Content = body.Length > 0 ? new StringContent(body) : null };
            using var response = await client.SendAsync(request);
            Assert.Equal((HttpStatusCode.OK, body), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        }

        Assert.True(gateway.Metrics.Get("shop/web", "shop/web:80").Retries > 0);
    }

    [Theory]
    [InlineData("GET", null, HttpStatusCode.OK)]
    [InlineData("POST", "body", HttpStatusCode.BadGateway)]
    public async Task Request_ConnectionBreaksBeforeTheResponse_IsRepeatedOnlyWhenItMayBe(string method, string? body, HttpStatusCode expected)
    {
        await using var breaking = await Upstream.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var good = await Upstream.SayingAsync("good");
        await using var gateway = await LiveGateway.StartAsync(breaking);
        using var client = gateway.Client();
        // Busy, so that the first choice is the breaking one.
        gateway.Endpoints(breaking.Port, good.Port);
        foreach (var endpoint in gateway.State.Current.Routes.Routes.First().Backend!.Endpoints)
        {
            if (endpoint.Address.Port == good.Port)
            {
                endpoint.Begin();
            }
        }

        using var request = new HttpRequestMessage(new(method), "http://shop.test/") { Content = body is null ? null : new StringContent(body) };
        using var response = await client.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
        Assert.True(breaking.Requests > 0, "the breaking endpoint was never tried");
    }

    [Fact]
    public async Task Request_BackendOnTlsThatTheIngressAllows_ArrivesOverTls()
    {
        using var certificate = Certificates.Server("pod");
        await using var upstream = await Upstream.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Scheme} {context.Request.Protocol} {context.Request.Host}"), HttpProtocols.Http1AndHttp2, certificate);
        await using var gateway = await LiveGateway.StartAsync(upstream);
        gateway.Model.Apply(LiveGateway.Shop
            .Replace("ports: [{port: 80}]", "ports: [{port: 80, appProtocol: https}]", StringComparison.Ordinal)
            .Replace("name: web, namespace: shop, creation", "name: web, namespace: shop, annotations: {portico.dev/backend-tls-verify: \"off\"}, creation", StringComparison.Ordinal));
        gateway.Model.Flush();
        using var client = gateway.Client();
        Assert.Equal("https HTTP/2 shop.test", await client.GetStringAsync(new Uri("http://shop.test/")));
    }

    [Fact]
    public async Task Request_BigBody_StreamsThrough()
    {
        const int size = 40 << 20;
        long received = 0;
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            var buffer = new byte[1 << 16];
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer)) > 0)
            {
                received += read;
            }
        });
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var client = gateway.Client();
        using var content = new StreamContent(new MemoryStream(new byte[size]));
        using var response = await client.PostAsync(new Uri("http://shop.test/"), content);
        Assert.Equal((HttpStatusCode.OK, (long)size), (response.StatusCode, received));
    }

    [Fact]
    public async Task Response_InPieces_EachArrivesWhenItIsSent()
    {
        var second = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("one");
            await context.Response.Body.FlushAsync();
            await second.Task;
            await context.Response.WriteAsync("two");
        });
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var client = gateway.Client();
        using var response = await client.GetAsync(new Uri("http://shop.test/"), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[16];

        var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("one", Encoding.ASCII.GetString(buffer, 0, read));
        second.SetResult();
        read = await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("two", Encoding.ASCII.GetString(buffer, 0, read));
    }

    [Fact]
    public async Task Request_PathWithEscapesAndDots_GoesOnAsReceived()
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync(context.Features.Get<IHttpRequestFeature>()!.RawTarget));
        await using var gateway = await LiveGateway.StartAsync(upstream);
        var answer = await RawAsync(gateway.HttpPort, "GET /a%2Fb/./c//d/%C3%A9?x=/../y HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n");
        Assert.EndsWith("/a%2Fb/./c//d/%C3%A9?x=/../y", answer.TrimEnd('\r', '\n', '0'), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /%2e%2e/x HTTP/1.1\r\nHost: shop.test\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: shop.test\r\nHost: other.test\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: shop test\r\n", "400")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: shop.test\r\n", "400")]
    [InlineData("POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 1\r\nTransfer-Encoding: gzip\r\n", "400")]
    [InlineData("PRI / HTTP/1.1\r\nHost: shop.test\r\n", "503")]
    public async Task Request_Hostile_IsRefused(string head, string status)
    {
        await using var gateway = await LiveGateway.StartAsync();
        var answer = await RawAsync(gateway.HttpPort, head + "Connection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_HeadersNamedByConnection_StayOnThisHop()
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync($"[{context.Request.Headers["X-Hop"]}{context.Request.Headers["Proxy"]}]"));
        await using var gateway = await LiveGateway.StartAsync(upstream);
        var answer = await RawAsync(gateway.HttpPort, "GET / HTTP/1.0\r\nHost: shop.test\r\nX-Hop: 1\r\nProxy: evil\r\nConnection: X-Hop\r\n\r\n");
        Assert.Contains("[]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ExpectContinue_IsAnsweredByTheEndpoint()
    {
        await using var upstream = await Upstream.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/") { Content = new StringContent("hello"), Headers = { ExpectContinue = true } };
        using var response = await client.SendAsync(request);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Health_BeforeAndAfterDraining_SaysSo()
    {
        await using var gateway = await LiveGateway.StartAsync();
        using var client = new HttpClient();
        var url = new Uri($"http://127.0.0.1:{gateway.HealthPort}/healthz");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(url)).StatusCode);
        gateway.Draining.Begin();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync(url)).StatusCode);
    }

    [Fact]
    public async Task Metrics_AfterRequests_CountThemByIngressAndClass()
    {
        await using var upstream = await Upstream.SayingAsync("ok");
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var client = gateway.Client();
        await client.GetStringAsync(new Uri("http://shop.test/"));
        using var missing = await client.GetAsync(new Uri("http://nobody.test/"));
        using var metrics = new HttpClient();
        var text = await metrics.GetStringAsync(new Uri($"http://127.0.0.1:{gateway.HealthPort}/metrics"));
        Assert.Contains("portico_gateway_request_duration_seconds_count{ingress=\"shop/web\",service=\"shop/web:80\",code=\"2xx\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("portico_gateway_request_duration_seconds_count{ingress=\"\",service=\"\",code=\"4xx\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("portico_gateway_requests_total{ingress=\"shop/web\",service=\"shop/web:80\",code=\"2xx\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("portico_gateway_requests_in_flight{ingress=\"shop/web\",service=\"shop/web:80\"} 0\n", text, StringComparison.Ordinal);
    }

    internal static int ClosedPort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<string> RawAsync(int port, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10));
    }
}
