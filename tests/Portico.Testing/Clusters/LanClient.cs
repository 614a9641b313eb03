using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Portico.Net.Namespaces;

namespace Portico.Testing.Clusters;

/// <summary>Connections of this process that begin inside a network namespace, so that it can be a client on the LAN of a cluster.</summary>
public static class LanClient
{
    /// <summary>A handler whose connections begin in <paramref name="from"/>.</summary>
    /// <param name="address">Where every connection goes, whatever the URL's host is; null: the host is an address.</param>
    /// <param name="port">Null: the URL's port.</param>
    public static SocketsHttpHandler CreateHandler(NetworkNamespace from, IPAddress? address = null, int? port = null) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        ConnectCallback = async (context, cancellationToken) =>
        {
            var target = new IPEndPoint(address ?? IPAddress.Parse(context.DnsEndPoint.Host), port ?? context.DnsEndPoint.Port);
            return new NetworkStream(await ConnectAsync(from, target, cancellationToken), ownsSocket: true);
        },
    };

    public static async Task<Socket> ConnectAsync(NetworkNamespace from, IPEndPoint target, CancellationToken cancellationToken)
    {
        var socket = from.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await socket.ConnectAsync(target, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>For tests that are not about who the server is: the cluster's certificates are signed by nobody that we know.</summary>
#pragma warning disable CA5359 // Said by its name.
    public static bool AnyCertificate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;
#pragma warning restore CA5359

    /// <summary>An unconnected UDP socket.</summary>
    public static Socket OpenUdp(NetworkNamespace from) => from.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
}
