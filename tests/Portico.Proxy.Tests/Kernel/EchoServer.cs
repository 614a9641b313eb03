using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Portico.Net.Namespaces;
using Portico.Net.Sockets;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>A pod's server: tells every client which pod it is and what address it sees. TCP lines are echoed until the client ends.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _tcp;
    private readonly Socket _udp;
    private readonly string _name;
    private readonly ConcurrentBag<Task> _tasks = [];

    public EchoServer(string name, NetworkNamespace inside, IPEndPoint address)
    {
        _name = name;
        var sockets = new SocketFactory(inside);
        _tcp = sockets.Listen(address);
        _udp = sockets.Udp(address);
        _tasks.Add(AcceptAsync());
        _tasks.Add(AnswerAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _tcp.Dispose();
        _udp.Dispose();
        await Task.WhenAll(_tasks);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _tasks.Add(ServeAsync(await _tcp.AcceptAsync(_stop.Token)));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using (socket)
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes($"{_name} {((IPEndPoint)socket.RemoteEndPoint!).Address}\n"), _stop.Token);
                var buffer = new byte[4096];
                while (await socket.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
                {
                    await socket.SendAsync(buffer.AsMemory(0, read), _stop.Token);
                }

                await socket.SendAsync("end\n"u8.ToArray(), _stop.Token);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task AnswerAsync()
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var packet = await _udp.ReceiveFromAsync(buffer, _udp.LocalEndPoint!, _stop.Token);
                var client = (IPEndPoint)packet.RemoteEndPoint;
                await _udp.SendToAsync(Encoding.ASCII.GetBytes($"{_name} {client.Address}\n"), client, _stop.Token);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }
}
