using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Portico.Gateway.Dataplane.Preface;

/// <summary>
/// HTTP/2 with prior knowledge (RFC 9113 3.3) beside HTTP/1.1 on one clear-text port, which Kestrel does not tell apart: a connection that begins with the
/// client preface goes to the HTTP/2 listener. The bytes stay in the pipe.
/// </summary>
internal sealed class PrefaceMiddleware(ConnectionDelegate next, HandoverListener http2, TimeSpan timeout, TimeProvider time)
{
    // RFC 9113 3.4. No HTTP/1.1 request begins with its first line.
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        switch (await PeekAsync(connection))
        {
            case true:
                if (!await http2.ServeAsync(connection))
                {
                    connection.Abort();
                }

                break;
            case false:
                await next(connection);
                break;
            default:
                connection.Abort();
                break;
        }
    }

    /// <returns>Null when the client sent nothing in time, or left.</returns>
    private async ValueTask<bool?> PeekAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var silence = new CancellationTokenSource(timeout, time);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(silence.Token);
                var buffer = read.Buffer;
                var isPreface = Compare(buffer);
                if (isPreface is null && !read.IsCompleted)
                {
                    input.AdvanceTo(buffer.Start, buffer.End);
                    continue;
                }

                input.AdvanceTo(buffer.Start);
                return isPreface ?? (buffer.IsEmpty ? null : false);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ConnectionAbortedException or ConnectionResetException)
        {
            return null;
        }
    }

    /// <returns>Null when it may still become the preface.</returns>
    private static bool? Compare(ReadOnlySequence<byte> received)
    {
        Span<byte> start = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(received.Length, Preface.Length);
        received.Slice(0, length).CopyTo(start);
        return !start[..length].SequenceEqual(Preface[..length]) ? false : length == Preface.Length ? true : null;
    }
}
