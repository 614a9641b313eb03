using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Portico.Gateway.Tests.Fakes;

namespace Portico.Gateway.Tests.Dataplane;

/// <summary>What changes while requests run breaks none of them.</summary>
public sealed class ChangeTests
{
    [Fact]
    public async Task Sni_ExactWildcardAndUnknown_ChooseTheirCertificate()
    {
        await using var gateway = await LiveGateway.StartAsync();
        gateway.Model.Apply(Certificates.Secret("shop", "wild-tls", "wild"));
        gateway.Model.Apply("""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: wild, namespace: shop}
            spec: {tls: [{hosts: ["*.shop.test"], secretName: wild-tls}]}
            """);
        gateway.Model.Flush();
        Assert.Equal("CN=first", await SubjectAsync(gateway, "shop.test"));
        Assert.Equal("CN=wild", await SubjectAsync(gateway, "a.shop.test"));
        Assert.Equal("CN=Portico gateway default certificate", await SubjectAsync(gateway, "b.a.shop.test"));
        Assert.Equal("CN=Portico gateway default certificate", await SubjectAsync(gateway, ""));
    }

    [Fact]
    public async Task Handshake_SecretWithChain_SendsTheChain()
    {
        await using var gateway = await LiveGateway.StartAsync();
        gateway.Model.Apply(Certificates.SecretWithChain("shop", "shop-tls", "leaf", "middle"));
        gateway.Model.Flush();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.HttpsPort);
        string[] sent = [];
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, chain, _) =>
        {
            sent = [certificate!.Subject, .. chain!.ChainPolicy.ExtraStore.Select(item => item.Subject)];
            return true;
        });
        await tls.AuthenticateAsClientAsync("shop.test");
        Assert.Equal(["CN=leaf", "CN=middle"], sent.Distinct());
    }

    [Fact]
    public async Task Stop_WithOpenHttp2Request_LetsItEnd()
    {
        var release = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            arrived.TrySetResult();
            await release.Task;
            await context.Response.WriteAsync("slow");
        });
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var client = gateway.Client(HttpVersion.Version20);
        var clear = client.GetStringAsync(new Uri("http://shop.test/"));
        var secure = client.GetStringAsync(new Uri("https://shop.test/"));
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await Eventually.HoldsAsync(() => upstream.Requests == 2, () => $"{upstream.Requests} requests arrived");
        var stopping = gateway.StopAsync();
        await RefusedAsync(gateway.HttpPort);
        release.SetResult();
        Assert.Equal(["slow", "slow"], await Task.WhenAll(clear, secure));
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Certificates_RotatedUnderLoad_NoRequestFailsAndNewHandshakesSeeTheNewOne()
    {
        await using var upstream = await Upstream.SayingAsync("ok");
        await using var gateway = await LiveGateway.StartAsync(upstream);
        await using var load = Load.Start(gateway, "https://shop.test/");
        for (var i = 0; i < 20; i++)
        {
            gateway.Model.Apply(Certificates.Secret("shop", "shop-tls", $"c{i}"));
            gateway.Model.Flush();
            Assert.Equal($"CN=c{i}", await SubjectAsync(gateway, "shop.test"));
        }

        await load.AssertNoFailureAsync(20);
    }

    [Fact]
    public async Task Endpoints_ReplacedUnderLoad_NoRequestFails()
    {
        await using var gateway = await LiveGateway.StartAsync();
        var current = await Upstream.SayingAsync("0");
        gateway.Endpoints(current.Port);
        await using var load = Load.Start(gateway, "http://shop.test/");
        for (var i = 1; i <= 10; i++)
        {
            var next = await Upstream.SayingAsync($"{i}");
            gateway.Endpoints(current.Port, next.Port);
            gateway.Endpoints(next.Port);
            await load.MoreAsync(20);
            Assert.Equal($"{i}", await load.Client.GetStringAsync(new Uri("http://shop.test/")));
            // Nobody is sent there any more.
            var seen = current.Requests;
            await load.MoreAsync(20);
            Assert.Equal(seen, current.Requests);
            await current.DisposeAsync();
            current = next;
        }

        await load.AssertNoFailureAsync(100);
        await current.DisposeAsync();
    }

    [Fact]
    public async Task Endpoints_Change_MakesNoNewSnapshot()
    {
        await using var upstream = await Upstream.SayingAsync("ok");
        await using var gateway = await LiveGateway.StartAsync();
        var before = gateway.State.Current;
        gateway.Endpoints(upstream.Port);
        Assert.Same(before, gateway.State.Current);
        using var client = gateway.Client();
        Assert.Equal("ok", await client.GetStringAsync(new Uri("http://shop.test/")));
    }

    [Fact]
    public async Task BadIngress_BesideAGoodOne_ChangesNothingForIt()
    {
        await using var upstream = await Upstream.SayingAsync("ok");
        await using var gateway = await LiveGateway.StartAsync(upstream);
        gateway.Model.Apply("""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: bad, namespace: evil, creationTimestamp: "2026-02-01T00:00:00Z"}
            spec:
              tls: [{hosts: [shop.test], secretName: nothing}]
              rules: [{host: shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: nothing, port: {number: 1}}}}]}}]
            """);
        Assert.True(gateway.Model.Flush());
        Assert.Equal(3, gateway.Model.Problems[new("evil", "bad")].Length);
        Assert.Empty(gateway.Model.Problems[new("shop", "web")]);
        using var client = gateway.Client();
        Assert.Equal("ok", await client.GetStringAsync(new Uri("http://shop.test/")));
        Assert.Equal("CN=first", await SubjectAsync(gateway, "shop.test"));
    }

    [Fact]
    public async Task Stop_WithOpenRequestAndWebSocket_WaitsForBothAndTakesNoMore()
    {
        var release = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            if (context.Request.Path == "/slow")
            {
                arrived.TrySetResult();
                await release.Task;
                await context.Response.WriteAsync("slow");
                return;
            }

            await StreamTests.WebSocketEchoAsync(context);
        });
        await using var gateway = await LiveGateway.StartAsync(upstream);
        using var client = gateway.Client();
        using var socket = await StreamTests.ConnectAsync(gateway, "ws", "1.1");
        var slow = client.GetAsync(new Uri("http://shop.test/slow"));
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));

        gateway.Draining.Begin();
        using (var during = await client.GetAsync(new Uri("http://shop.test/")))
        {
            Assert.True(during.Headers.ConnectionClose, "a draining gateway asks for a new connection");
        }

        var stopping = gateway.StopAsync();
        await RefusedAsync(gateway.HttpPort);
        Assert.False(stopping.IsCompleted);
        await StreamTests.EchoAsync(socket, "still here");
        release.SetResult();
        using var response = await slow;
        Assert.Equal("slow", await response.Content.ReadAsStringAsync());
        await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static async Task RefusedAsync(int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port, limit.Token);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    private static async Task<string> SubjectAsync(LiveGateway gateway, string name)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.HttpsPort);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        });
        using var certificate = new X509Certificate2(tls.RemoteCertificate!);
        return certificate.Subject;
    }

    /// <summary>Keeps some requests running and remembers what failed.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentQueue<string> _failures = new();
        private readonly Task[] _workers;
        private int _done;

        private Load(LiveGateway gateway, string url)
        {
            Client = gateway.Client();
            _workers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => WorkAsync(gateway, new Uri(url))))];
        }

        public HttpClient Client { get; }

        public static Load Start(LiveGateway gateway, string url) => new(gateway, url);

        /// <summary>Waits for so many more requests.</summary>
        public async Task MoreAsync(int count)
        {
            var target = Volatile.Read(ref _done) + count;
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (Volatile.Read(ref _done) < target)
            {
                Assert.True(_failures.IsEmpty, string.Join('\n', _failures));
                await Task.Delay(1, limit.Token);
            }
        }

        public async Task AssertNoFailureAsync(int atLeast)
        {
            await MoreAsync(atLeast);
            await _stop.CancelAsync();
            await Task.WhenAll(_workers);
            Assert.True(_failures.IsEmpty, string.Join('\n', _failures));
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_workers);
            Client.Dispose();
            _stop.Dispose();
        }

        private async Task WorkAsync(LiveGateway gateway, Uri url)
        {
            for (var i = 0; !_stop.IsCancellationRequested; i++)
            {
                try
                {
                    // Every tenth on a connection of its own, so that handshakes are under load too.
                    using var fresh = i % 10 == 0 ? gateway.Client() : null;
                    using var response = await (fresh ?? Client).GetAsync(url);
                    if (response.StatusCode != HttpStatusCode.OK)
                    {
                        _failures.Enqueue($"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
                    }
                }
                catch (HttpRequestException failure)
                {
                    _failures.Enqueue(failure.ToString());
                }

                Interlocked.Increment(ref _done);
            }
        }
    }
}
