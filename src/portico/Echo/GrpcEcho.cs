using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Portico.Cli.Echo;

/// <summary>
/// Any gRPC method, by wire format alone: each length-prefixed message goes back as soon as it is whole, so the same code is unary and streaming
/// in every direction (gRPC over HTTP/2, "Requests" and "Responses").
/// </summary>
internal static class GrpcEcho
{
    private const int PrefixLength = 5; // compressed flag, 4 bytes of length
    private const int LongestMessage = 4 * 1024 * 1024; // as gRPC servers by default
    private const int Ok = 0;
    private const int ResourceExhausted = 8;
    private const int Internal = 13;

    public static bool Wants(HttpRequest request) =>
        request.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        && !type.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase);

    public static async Task RunAsync(HttpContext context)
    {
        var response = context.Response;
        if (!response.SupportsTrailers())
        {
            response.StatusCode = StatusCodes.Status505HttpVersionNotsupported;
            return;
        }

        response.ContentType = context.Request.ContentType;
        if (context.Request.Headers.TryGetValue("grpc-encoding", out var encoding))
        {
            response.Headers["grpc-encoding"] = encoding;
        }

        await response.StartAsync(context.RequestAborted);
        var status = await EchoMessagesAsync(context);
        response.AppendTrailer("grpc-status", status.ToString(CultureInfo.InvariantCulture));
    }

    /// <returns>The gRPC status.</returns>
    private static async Task<int> EchoMessagesAsync(HttpContext context)
    {
        var input = context.Request.BodyReader;
        while (true)
        {
            var read = await input.ReadAsync(context.RequestAborted);
            var rest = read.Buffer;
            while (MessageLength(rest) is { } length && length <= LongestMessage && length <= rest.Length)
            {
                foreach (var part in rest.Slice(0, length))
                {
                    context.Response.BodyWriter.Write(part.Span);
                }

                rest = rest.Slice(length);
                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            }

            var (left, tooLong) = (rest.Length, MessageLength(rest) > LongestMessage);
            input.AdvanceTo(rest.Start, rest.End);
            if (tooLong)
            {
                return ResourceExhausted;
            }

            if (read.IsCompleted)
            {
                return left == 0 ? Ok : Internal;
            }
        }
    }

    /// <returns>The first message's length with its prefix; null while the prefix is not whole.</returns>
    private static long? MessageLength(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < PrefixLength)
        {
            return null;
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        return PrefixLength + (long)BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
    }
}
