using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Server.Authentication;

namespace Portico.Server.Tests;

/// <summary>A real server on 127.0.0.1 with a data directory of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string AdminToken = "admin-token";

    private readonly bool _ownsDirectory;
    private readonly ECDsa _key;

    private TestServer(string directory, bool ownsDirectory, TestPki pki, ECDsa key)
    {
        (Directory, _ownsDirectory, Pki, _key) = (directory, ownsDirectory, pki, key);
    }

    public string Directory { get; }

    public TestPki Pki { get; }

    public Uri Address { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    public ApiServer Server { get; private set; } = null!;

    public static async Task<TestServer> StartAsync(Func<ApiServerOptions, ApiServerOptions>? change = null, string? directory = null, ILoggerFactory? loggers = null)
    {
        var test = new TestServer(
            directory ?? System.IO.Directory.CreateTempSubdirectory("pt-server-").FullName,
            directory is null,
            new TestPki(),
            ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        test.Address = new Uri($"https://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}");
        var options = new ApiServerOptions
        {
            DataDirectory = test.Directory,
            ServerCertificate = test.Pki.Server(),
            Authority = test.Pki.Authority,
            ServiceAccountKey = test._key,
            Listeners = [socket],
            AdvertisedEndPoint = new(IPAddress.Parse("192.168.77.1"), 6443),
            Tokens = new Dictionary<string, UserInfo> { [AdminToken] = new("admin", ["system:masters"]) },
        };
        test.Server = await ApiServer.StartAsync(change?.Invoke(options) ?? options, loggers ?? NullLoggerFactory.Instance, CancellationToken.None);
        test.Admin = test.Client(AdminToken);
        return test;
    }

    /// <summary>A client with a bearer token, a certificate, or neither.</summary>
    public HttpClient Client(string? token = null, X509Certificate2? certificate = null)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.TargetHost = "localhost";
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(Pki.Authority);
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        var client = new HttpClient(handler) { BaseAddress = Address, DefaultRequestVersion = HttpVersion.Version20 };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    /// <summary>Sends JSON and reads JSON.</summary>
    public async Task<(int Code, JsonNode Body)> SendAsync(
        string method, string path, JsonNode? body = null, string contentType = "application/json", HttpClient? client = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Version = HttpVersion.Version20 };
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var response = await (client ?? Admin).SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length > 0 ? JsonNode.Parse(text)! : new JsonObject());
    }

    public async Task<JsonNode> CreateAsync(string path, JsonNode body)
    {
        var (code, created) = await SendAsync("POST", path, body);
        Assert.True(code == 201, $"POST {path}: {code} {created.ToJsonString()}");
        return created;
    }

    /// <summary>A kubeconfig of the administrator.</summary>
    public string Kubeconfig()
    {
        var path = Path.Combine(Directory, "kubeconfig");
        File.WriteAllText(path, $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: test
              cluster: {"{"} server: "{Address.ToString().TrimEnd('/')}", certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(Pki.Authority.ExportCertificatePem()))} {"}"}
            users:
            - name: admin
              user: {"{"} token: {AdminToken} {"}"}
            contexts:
            - name: test
              context: {"{"} cluster: test, user: admin {"}"}
            current-context: test
            """);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await Server.DisposeAsync();
        _key.Dispose();
        if (_ownsDirectory)
        {
            System.IO.Directory.Delete(Directory, true);
        }
    }
}
