using System.Buffers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Portico.Cli.Echo;

/// <summary>Sends every WebSocket message back, on any path: RFC 6455 over HTTP/1.1, RFC 8441 over HTTP/2.</summary>
internal static class WebSocketEcho
{
    // RFC 6455, section 1.3.
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <returns>False when the request asks for no WebSocket; nothing was answered then.</returns>
    public static async Task<bool> TryRunAsync(HttpContext context)
    {
        if (await AcceptAsync(context) is not { } stream)
        {
            return false;
        }

        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        try
        {
            await EchoMessagesAsync(socket, context.RequestAborted);
        }
        catch (WebSocketException)
        {
            // The client went without a closing handshake.
        }

        return true;
    }

    private static async Task<Stream?> AcceptAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" } connect)
        {
            return await connect.AcceptAsync();
        }

        var headers = context.Request.Headers;
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade
            || !string.Equals(headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase)
            || headers.SecWebSocketKey.ToString() is not { Length: > 0 } key)
        {
            return null;
        }

#pragma warning disable CA5350 // The handshake is SHA-1 by its RFC; nothing is protected by it.
        var accept = SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix));
#pragma warning restore CA5350
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(accept);
        return await upgrade.UpgradeAsync();
    }

    private static async Task EchoMessagesAsync(WebSocket socket, CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), stop);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.Empty, socket.CloseStatusDescription, stop);
                    return;
                }

                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, stop);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
