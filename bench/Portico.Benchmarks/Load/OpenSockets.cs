using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace Portico.Benchmarks.Load;

/// <summary>WebSockets that stay open and carry a message a second each; counts those that broke or were closed.</summary>
internal sealed class OpenSockets : IAsyncDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task<string?>> _sockets = [];

    public static async Task<OpenSockets> OpenAsync(int count, HttpMessageInvoker http, Uri url, string host, CancellationToken cancellationToken)
    {
        var all = new OpenSockets();
        for (var i = 0; i < count; i++)
        {
            var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Host", host);
            await socket.ConnectAsync(url, http, cancellationToken);
            all._sockets.Add(all.KeepTalkingAsync(socket));
        }

        return all;
    }

    /// <summary>Ends all and says what went wrong with those that did not last.</summary>
    public async Task<IReadOnlyList<string>> CloseAsync()
    {
        await _stop.CancelAsync();
        return [.. (await Task.WhenAll(_sockets)).OfType<string>()];
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _stop.Dispose();
    }

    private async Task<string?> KeepTalkingAsync(ClientWebSocket socket)
    {
        using var owned = socket;
        var buffer = new byte[64];
        for (var round = 0; !_stop.IsCancellationRequested; round++)
        {
            try
            {
                using var limit = new CancellationTokenSource(AnswerLimit);
                var text = round.ToString(CultureInfo.InvariantCulture);
                await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, limit.Token);
                var answer = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
                if (answer.MessageType == WebSocketMessageType.Close || Encoding.UTF8.GetString(buffer, 0, answer.Count) != text)
                {
                    return $"message {text} was answered by {answer.MessageType} {socket.CloseStatus}";
                }
            }
            catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
            {
                return $"message {round}: {error.Message}";
            }

            await Task.Delay(TimeSpan.FromSeconds(1), _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        return null;
    }
}
