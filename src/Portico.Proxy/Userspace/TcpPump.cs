using System.Buffers;
using System.Net.Sockets;

namespace Portico.Proxy.Userspace;

/// <summary>Copies both ways. An end of one direction is passed on as such (FIN); the other goes on. A failure breaks both (RST).</summary>
internal static class TcpPump
{
    private const int BufferSize = 16 * 1024;

    public static async Task RunAsync(Socket client, Socket backend, CancellationToken cancellationToken)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var results = await Task.WhenAll(CopyAsync(client, backend, broken), CopyAsync(backend, client, broken));
        if (results[0] && results[1])
        {
            client.Dispose();
            backend.Dispose();
        }
        else
        {
            Reset(client);
            Reset(backend);
        }
    }

    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // There is nobody left to tell.
        }

        socket.Dispose();
    }

    /// <returns>Whether it ended in order.</returns>
    private static async Task<bool> CopyAsync(Socket from, Socket to, CancellationTokenSource broken)
    {
        var buffer = Array.Empty<byte>();
        try
        {
            while (true)
            {
                // A connection at rest holds no buffer: wait for data with an empty receive.
                await from.ReceiveAsync(Memory<byte>.Empty, broken.Token);
                buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                var read = await from.ReceiveAsync(buffer, broken.Token);
                if (read == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return true;
                }

                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), broken.Token);
                }

                ArrayPool<byte>.Shared.Return(buffer);
                buffer = [];
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            await broken.CancelAsync();
            return false;
        }
        finally
        {
            if (buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
