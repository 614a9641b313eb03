using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Client.Connections;
using Portico.Client.Requests;
using Portico.Net.Namespaces;
using Portico.Server;

namespace Portico.EndToEnd.Clusters;

/// <summary>The embedded API server in this process, and a client of it. Nothing else runs.</summary>
internal sealed class EmbeddedServer : IAsyncDisposable
{
    public const string Token = "admin-token";

    private readonly string _directory = Directory.CreateTempSubdirectory("pt-server-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<(NetworkNamespace? Namespace, IPEndPoint Address)> _listeners = [];
    private readonly X509Certificate2 _certificate;
    private KubernetesConnection _connection = null!;
    private ApiServer? _server;

    private EmbeddedServer(X509Certificate2 certificate) => _certificate = certificate;

    public KubernetesClient Client { get; private set; } = null!;

    /// <summary>A second token; another one counts from the server's next start on, and the one before no longer.</summary>
    public string RotatedToken { get; set; } = "rotated-0";

    public string AuthorityPem => _certificate.ExportCertificatePem();

    /// <param name="inside">A namespace where it answers too, at <paramref name="address"/>. Null: only on loopback of the machine.</param>
    public static async Task<EmbeddedServer> StartAsync(NetworkNamespace? inside = null, IPEndPoint? address = null)
    {
        var started = new EmbeddedServer(SelfSigned(address?.Address));
        var loopback = Bind(new(IPAddress.Loopback, 0));
        started._listeners.Add((null, (IPEndPoint)loopback.LocalEndPoint!));
        List<Socket> sockets = [loopback];
        if (inside is not null)
        {
            started._listeners.Add((inside, address!));
            sockets.Add(inside.Run(() => Bind(address!)));
        }

        started._connection = new(new Credentials
        {
            Server = new Uri($"https://{started._listeners[0].Address}"), Token = static () => Token, Authorities = [started._certificate],
        });
        started.Client = new(started._connection);
        await started.ServeAsync(sockets);
        return started;
    }

    /// <summary>Ends it as a restart of its machine would; the store stays.</summary>
    public async Task StopAsync()
    {
        await _server!.DisposeAsync();
        _server = null;
    }

    public Task StartAgainAsync() => ServeAsync(
        [.. _listeners.Select(static listener => listener.Namespace is { } inside ? inside.Run(() => Bind(listener.Address)) : Bind(listener.Address))]);

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _certificate.Dispose();
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task ServeAsync(IReadOnlyList<Socket> sockets) => _server = await ApiServer.StartAsync(
        new()
        {
            DataDirectory = _directory,
            ServerCertificate = _certificate,
            Authority = _certificate,
            ServiceAccountKey = _key,
            Listeners = sockets,
            AdvertisedEndPoint = new(IPAddress.Loopback, 6443),
            Tokens = new Dictionary<string, Server.Authentication.UserInfo> { [Token] = new("admin", ["system:masters"]), [RotatedToken] = new("node", ["system:masters"]) },
        },
        NullLoggerFactory.Instance,
        CancellationToken.None);

    private static Socket Bind(IPEndPoint address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(address);
        return socket;
    }

    private static X509Certificate2 SelfSigned(IPAddress? also)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        if (also is not null)
        {
            names.AddIpAddress(also);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(1));
    }
}
