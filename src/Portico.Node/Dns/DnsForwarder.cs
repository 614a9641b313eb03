using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Portico.Net.Dns;
using Portico.Node.Networks;

namespace Portico.Node.Dns;

/// <summary>Asks resolvers for names that are not the cluster's. Each question has a socket, and so a port, and an id of its own.</summary>
internal sealed class DnsForwarder(IReadOnlyList<IPEndPoint> upstreams, NodeSpace space, TimeProvider time)
{
    public const int MaxUdp = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // A client that asks without end must not use up the sockets.
    private const int MaxQuestions = 256;

    private int _questions;

    public bool HasUpstreams => upstreams.Count > 0;

    /// <returns>Null: none answered in time.</returns>
    public async Task<byte[]?> AskAsync(byte[] query, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _questions) > MaxQuestions)
            {
                return null;
            }

            foreach (var upstream in upstreams)
            {
                if (await AskAsync(query, upstream, cancellationToken) is { } answer)
                {
                    return answer;
                }
            }

            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _questions);
        }
    }

    private async Task<byte[]?> AskAsync(byte[] query, IPEndPoint upstream, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        var (question, buffer) = ((byte[])query.Clone(), new byte[MaxUdp]);
        RandomNumberGenerator.Fill(question.AsSpan(0, 2));
        try
        {
            using var socket = space.CreateSocket(upstream.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(upstream, limit.Token);
            await socket.SendAsync(question, limit.Token);
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, limit.Token);
                if (length >= DnsQuery.HeaderLength && buffer.AsSpan(0, 2).SequenceEqual(question.AsSpan(0, 2)))
                {
                    var answer = buffer[..length];
                    BinaryPrimitives.WriteUInt16BigEndian(answer, BinaryPrimitives.ReadUInt16BigEndian(query));
                    return answer;
                }
            }
        }
        catch (SocketException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
