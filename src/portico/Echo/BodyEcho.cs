using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Portico.Cli.Echo;

/// <summary>Answers that are about bodies: described, sent back, or made up.</summary>
internal static class BodyEcho
{
    private const int LongestText = 4096;
    private static readonly byte[] Fill = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0123456789abcdef", 1024)));
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static async Task DescribeAsync(HttpContext context, EchoIdentity identity)
    {
        var request = context.Request;
        var answer = new EchoAnswer
        {
            Method = request.Method,
            Host = request.Host.Value ?? "",
            Path = request.Path.Value ?? "",
            Query = request.QueryString.HasValue ? request.QueryString.Value![1..] : "",
            Protocol = request.Protocol,
            Headers = request.Headers.ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value.ToArray()), StringComparer.OrdinalIgnoreCase),
            Body = await ReadAsync(request, context.RequestAborted),
            Client = Peer(context.Connection.RemoteIpAddress, context.Connection.RemotePort),
            Pod = identity.Pod,
            Namespace = identity.Namespace,
            Node = identity.Node,
        };
        context.Response.ContentType = "application/json";
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, EchoJson.Default.EchoAnswer);
        context.Response.ContentLength = body.Length + 1;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
        await context.Response.BodyWriter.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
    }

    /// <summary>The request's body as it comes, each piece as soon as it is there.</summary>
    public static async Task StreamBackAsync(HttpContext context)
    {
        context.Response.ContentType = context.Request.ContentType ?? "application/octet-stream";
        await context.Response.StartAsync(context.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                await context.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Bytes that repeat every 16, so that a test can tell any part of them.</summary>
    public static async Task WriteFillAsync(HttpResponse response, long size, CancellationToken stop)
    {
        response.ContentType = "application/octet-stream";
        response.ContentLength = size;
        for (var left = size; left > 0; left -= Fill.Length)
        {
            await response.BodyWriter.WriteAsync(Fill.AsMemory(0, (int)Math.Min(left, Fill.Length)), stop);
        }
    }

    private static async Task<EchoBody> ReadAsync(HttpRequest request, CancellationToken stop)
    {
        var head = new byte[LongestText];
        var length = 0L;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer, stop)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                if (length < head.Length)
                {
                    buffer.AsSpan(0, (int)Math.Min(read, head.Length - length)).CopyTo(head.AsSpan((int)length));
                }

                length += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return length == 0
            ? new() { Length = 0 }
            : new() { Length = length, Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()), Text = length <= head.Length ? Text(head.AsSpan(0, (int)length)) : null };
    }

    private static string? Text(ReadOnlySpan<byte> body)
    {
        try
        {
            return StrictUtf8.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Peer(IPAddress? address, int port) =>
        address is null ? "" : new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port).ToString();
}
