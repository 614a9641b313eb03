using System.Net.Sockets;

namespace Portico.Proxy.Nodes;

/// <summary>
/// One service proxy a network namespace. An abstract socket name belongs to the namespace, and the kernel gives it back however the holder ends.
/// </summary>
public sealed class NodeLock : IDisposable
{
    private readonly Socket _socket;

    private NodeLock(Socket socket) => _socket = socket;

    /// <exception cref="IOException">Another process holds it.</exception>
    public static NodeLock Take()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint("\0portico-proxy"));
            return new(socket);
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new IOException("another service proxy of Portico serves this network namespace: end that process first", taken);
        }
    }

    public void Dispose() => _socket.Dispose();
}
