using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portico.Cli.Echo;

/// <summary>Sends back what comes, and ends its side when the client ended its own.</summary>
internal sealed class TcpEcho(IPEndPoint endpoint, string greeting) : IDisposable
{
    private readonly byte[] _greeting = Encoding.UTF8.GetBytes(greeting);
    private readonly Socket _listener = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Bind()
    {
        if (endpoint.Address.Equals(IPAddress.IPv6Any))
        {
            _listener.DualMode = true;
        }

        _listener.Bind(endpoint);
        _listener.Listen(512);
    }

    /// <summary>Accepts until <paramref name="stop"/>, and returns when the last connection ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var open = new HashSet<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(stop);
                open.RemoveWhere(static connection => connection.IsCompleted);
                open.Add(EchoAsync(client));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _listener.Dispose();
        }

        await Task.WhenAll(open);
    }

    public void Dispose() => _listener.Dispose();

    private async Task EchoAsync(Socket client)
    {
        await using var stream = new NetworkStream(client, ownsSocket: true);
        try
        {
            client.NoDelay = true;
            await stream.WriteAsync(_greeting);
            await stream.CopyToAsync(stream, 4096);
            client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception reset) when (reset is IOException or SocketException)
        {
            // By the client.
        }
    }
}
