using System.Net;
using System.Net.Sockets;
using System.Text;
using Portico.Net.Sockets;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>A connection of the client to an <see cref="EchoServer"/>, through the node.</summary>
internal sealed class EchoConnection(Socket socket) : IDisposable
{
    public Socket Socket => socket;

    public static async Task<EchoConnection> OpenAsync(NodeWorld world, string address, int port)
    {
        var socket = new SocketFactory(world.Client).Tcp(AddressFamily.InterNetwork);
        using var limit = new CancellationTokenSource(3000);
        await socket.ConnectAsync(IPEndPoint.Parse($"{address}:{port}"), limit.Token);
        var connection = new EchoConnection(socket);
        Assert.StartsWith("pod", await connection.ReadAsync(), StringComparison.Ordinal);
        return connection;
    }

    public async Task EchoAsync(string text)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        Assert.Equal(text, await ReadAsync());
    }

    public async Task<string> ReadAsync()
    {
        using var limit = new CancellationTokenSource(3000);
        var buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token)).Trim();
    }

    public void Dispose() => socket.Dispose();
}
