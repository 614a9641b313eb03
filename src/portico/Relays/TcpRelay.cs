using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Net.Sockets;

namespace Portico.Cli.Relays;

/// <summary>
/// The machine's way into the LAN: a listener on 127.0.0.1 whose other side dials inside the LAN's namespace. Bytes only, half-closes kept.
/// </summary>
public sealed partial class TcpRelay(
    Socket listener, SocketFactory lan, Func<IPEndPoint?> target, ILogger logger)
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="SocketException">The port is in use.</exception>
    public static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(512);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs until cancelled, then closes the listener and what is open.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var open = new HashSet<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(cancellationToken);
                open.RemoveWhere(task => task.IsCompleted);
                open.Add(ServeAsync(client, cancellationToken));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            listener.Dispose();
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        using var _ = client;
        if (target() is not { } to)
        {
            return;
        }

        try
        {
            using var server = await DialAsync(to, cancellationToken);
            client.NoDelay = true;
            await Task.WhenAll(CopyAsync(client, server, cancellationToken), CopyAsync(server, client, cancellationToken));
        }
        catch (Exception broken) when (broken is SocketException or IOException or OperationCanceledException)
        {
            LogBroken(to, broken.Message);
        }
    }

    private async Task<Socket> DialAsync(IPEndPoint to, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(DialTimeout);
        return await lan.ConnectAsync(to, limit.Token);
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, cancellationToken)) > 0)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), cancellationToken);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // The other direction must end as well, not wait for a peer that is gone.
            from.Dispose();
            to.Dispose();
        }
    }

    [LoggerMessage(8010, LogLevel.Debug, "relay to {Target}: {Message}")]
    private partial void LogBroken(IPEndPoint target, string message);
}
