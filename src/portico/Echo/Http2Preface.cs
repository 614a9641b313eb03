using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Portico.Cli.Echo;

/// <summary>
/// HTTP/1.1 and HTTP/2 on one cleartext port, by prior knowledge (RFC 9113, section 3.3). Kestrel itself goes by ALPN alone and takes cleartext for
/// HTTP/1.1, so a connection that begins with the preface is given the features that TLS with ALPN "h2" would have left.
/// </summary>
internal static class Http2Preface
{
    // RFC 9113, section 3.4.
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static async Task SelectAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var input = connection.Transport.Input;
        // Kestrel can't end a connection gracefully before it was handed one.
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, closing);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(ending.Token);
                var same = Matches(read.Buffer, out var length);
                if (same && length < Preface.Length && !read.IsCompleted)
                {
                    input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                    continue;
                }

                if (same && length == Preface.Length)
                {
                    connection.Features.Set<ITlsConnectionFeature>(PriorKnowledge.Instance);
                    connection.Features.Set<ITlsApplicationProtocolFeature>(PriorKnowledge.Instance);
                }

                // The next read returns at once only when a byte is left unexamined, or the input is complete. Earlier looks ended before the last byte.
                var examined = read.IsCompleted ? read.Buffer.End : read.Buffer.GetPosition(read.Buffer.Length - 1);
                input.AdvanceTo(read.Buffer.Start, examined);
                break;
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            return;
        }

        await next(connection);
    }

    /// <param name="length">How much of the preface could be compared.</param>
    private static bool Matches(in ReadOnlySequence<byte> buffer, out int length)
    {
        length = (int)Math.Min(buffer.Length, Preface.Length);
        Span<byte> head = stackalloc byte[length];
        buffer.Slice(0, length).CopyTo(head);
        return head.SequenceEqual(Preface[..length]);
    }

    private sealed class PriorKnowledge : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public static readonly PriorKnowledge Instance = new();

        private static readonly byte[] Http2 = [.. "h2"u8];

        public X509Certificate2? ClientCertificate
        {
            get => null;
            set => throw new NotSupportedException("this connection has no TLS");
        }

        public ReadOnlyMemory<byte> ApplicationProtocol => Http2;

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
    }
}
