using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Portico.Proxy.Health;

/// <summary>
/// Answers probes: one request a connection, bounded in number, size and time. Not a web server; it costs a socket and nothing at rest.
/// </summary>
internal sealed class TinyHttpServer(Socket listener, Func<string, CancellationToken, Task<TinyResponse>> answer, TimeProvider time) : IDisposable
{
    private const int HeadLimit = 8 * 1024;
    private const int ConnectionLimit = 64;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _free = new(ConnectionLimit);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var connections = new HashSet<Task>();
        try
        {
            while (true)
            {
                await _free.WaitAsync(cancellationToken);
                var socket = await AcceptAsync(cancellationToken);
                connections.RemoveWhere(static done => done.IsCompleted);
                connections.Add(ServeAsync(socket, cancellationToken));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        _free.Dispose();
    }

    private async Task<Socket> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await listener.AcceptAsync(cancellationToken);
            }
            catch (SocketException aborted) when (aborted.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                // The client went before it was its turn.
            }
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(HeadLimit);
        try
        {
            using (socket)
            {
                var length = await InTimeAsync(limit => ReadHeadAsync(socket, buffer.AsMemory(0, HeadLimit), limit));
                // The client is not to blame for the time that this takes.
                var response = await AnswerAsync(buffer.AsMemory(0, length), cancellationToken);
                await InTimeAsync(limit => socket.SendAsync(response, limit).AsTask());
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException)
        {
            // The client went, or was too slow.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _free.Release();
        }

        async Task<int> InTimeAsync(Func<CancellationToken, Task<int>> step)
        {
            using var deadline = new CancellationTokenSource(Deadline, time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            return await step(limit.Token);
        }
    }

    private static async Task<int> ReadHeadAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = await socket.ReceiveAsync(buffer[filled..], cancellationToken);
            filled += read;
            if (read == 0 || TinyRequest.HeadLength(buffer.Span[..filled]) > 0)
            {
                break;
            }
        }

        return filled;
    }

    private async Task<byte[]> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var length = TinyRequest.HeadLength(request.Span);
        var (response, headOnly) = length > 0 && TinyRequest.TryRead(request.Span[..length], out var path, out var head)
            ? (await answer(path, cancellationToken), head)
            : (new TinyResponse(400, "text/plain", "bad request\n"), false);
        var body = Encoding.UTF8.GetBytes(response.Body);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {response.Code} {(response.Code == 200 ? "OK" : response.Code == 503 ? "Service Unavailable" : "Error")}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Content-Type: {response.ContentType}\r\nContent-Length: {body.Length}\r\nX-Content-Type-Options: nosniff\r\n");
        if (response.Header is not null)
        {
            text.Append(response.Header).Append("\r\n");
        }

        text.Append("Connection: close\r\n\r\n");
        return headOnly ? Encoding.ASCII.GetBytes(text.ToString()) : [.. Encoding.ASCII.GetBytes(text.ToString()), .. body];
    }
}
