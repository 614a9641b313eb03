using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Portico.Net.Namespaces;

namespace Portico.Net.Sockets;

/// <summary>
/// Makes sockets in one network namespace: the process's own when <paramref name="inside"/> is null. A socket keeps its namespace, so whoever
/// gets one needs to know nothing of it.
/// </summary>
public sealed class SocketFactory(NetworkNamespace? inside = null)
{
    public NetworkNamespace? Namespace => inside;

    /// <exception cref="SocketException">As <paramref name="make"/> threw it.</exception>
    public T In<T>(Func<T> make)
    {
        if (inside is null)
        {
            return make();
        }

        try
        {
            return inside.Run(make);
        }
        catch (IOException carried) when (carried.InnerException is SocketException refused)
        {
            ExceptionDispatchInfo.Throw(refused);
            throw;
        }
    }

    /// <param name="address">[::] listens for IPv4 too.</param>
    /// <exception cref="SocketException">The address is taken or not here.</exception>
    public Socket Listen(IPEndPoint address, int backlog = 1024) => In(() =>
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(address);
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    });

    public Socket Tcp(AddressFamily family) => In(() => new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });

    /// <exception cref="SocketException">Refused, or no way there.</exception>
    public async Task<Socket> ConnectAsync(IPEndPoint to, CancellationToken cancellationToken)
    {
        var socket = Tcp(to.AddressFamily);
        try
        {
            await socket.ConnectAsync(to, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="SocketException">The address is taken or not here.</exception>
    public Socket Udp(IPEndPoint local) => In(() =>
    {
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(local);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    });
}
