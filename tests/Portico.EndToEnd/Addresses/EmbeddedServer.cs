using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Client.Connections;
using Portico.Client.Requests;
using Portico.Server;

namespace Portico.EndToEnd.Addresses;

/// <summary>The embedded API server in this process, and a client of it. Nothing else runs.</summary>
internal sealed class EmbeddedServer : IAsyncDisposable
{
    private const string Token = "admin-token";

    private readonly string _directory = Directory.CreateTempSubdirectory("pt-addresses-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly KubernetesConnection _connection;
    private ApiServer _server = null!;

    private EmbeddedServer(Uri address, X509Certificate2 certificate)
    {
        _certificate = certificate;
        _connection = new(new Credentials { Server = address, Token = static () => Token, Authorities = [certificate] });
        Client = new(_connection);
    }

    public KubernetesClient Client { get; }

    public static async Task<EmbeddedServer> StartAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var started = new EmbeddedServer(new Uri($"https://{socket.LocalEndPoint}"), SelfSigned());
        started._server = await ApiServer.StartAsync(
            new()
            {
                DataDirectory = started._directory,
                ServerCertificate = started._certificate,
                Authority = started._certificate,
                ServiceAccountKey = started._key,
                Listeners = [socket],
                AdvertisedEndPoint = new(IPAddress.Loopback, 6443),
                Tokens = new Dictionary<string, Server.Authentication.UserInfo> { [Token] = new("admin", ["system:masters"]) },
            },
            NullLoggerFactory.Instance,
            CancellationToken.None);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        await _server.DisposeAsync();
        _certificate.Dispose();
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(1));
    }
}
