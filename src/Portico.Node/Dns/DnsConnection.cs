using System.Buffers.Binary;
using System.Net.Sockets;

namespace Portico.Node.Dns;

/// <summary>One client by TCP: messages with their length in front (RFC 1035, section 4.2.2).</summary>
internal static class DnsConnection
{
    public const int MaxConnections = 256;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public static async Task ServeAsync(Socket client, DnsResponder responder, TimeProvider time, CancellationToken cancellationToken)
    {
        using var stream = new NetworkStream(client, ownsSocket: true);
        var answer = new byte[2 + ushort.MaxValue];
        try
        {
            while (true)
            {
                using var idle = new CancellationTokenSource(Idle, time);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
                var prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix, limit.Token);
                var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(message, limit.Token);
                if (!responder.TryAnswer(message, answer.AsSpan(2), ushort.MaxValue, out var length))
                {
                    var forwarded = await responder.ForwardAsync(message, limit.Token);
                    forwarded.CopyTo(answer.AsMemory(2));
                    length = forwarded.Length;
                }

                if (length == 0)
                {
                    return;
                }

                BinaryPrimitives.WriteUInt16BigEndian(answer, (ushort)length);
                await stream.WriteAsync(answer.AsMemory(0, length + 2), limit.Token);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException)
        {
            // The client closed, or has nothing more to ask.
        }
    }
}
