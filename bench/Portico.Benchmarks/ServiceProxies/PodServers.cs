using System.Net;
using System.Net.Sockets;
using Portico.Net.Namespaces;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>
/// On every address of the pods: port 8080 says which address the client has reached and ends; port 8081 sends a gibibyte. Threads that block, so that they cost little.
/// </summary>
internal sealed class PodServers : IDisposable
{
    public const int GreetingPort = 8080;
    public const int BulkPort = 8081;
    public const long BulkBytes = 1L << 30;

    private readonly List<Socket> _listeners = [];

    public PodServers(NetworkNamespace pods)
    {
        foreach (var (port, serve, threads) in new (int, Action<Socket>, int)[] { (GreetingPort, Greet, 3), (BulkPort, Send, 2) })
        {
            var listener = pods.Run(() =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                socket.Listen(4096);
                return socket;
            });
            _listeners.Add(listener);
            for (var i = 0; i < threads; i++)
            {
                new Thread(() => Accept(listener, serve)) { IsBackground = true }.Start();
            }
        }
    }

    public void Dispose()
    {
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }
    }

    private static void Accept(Socket listener, Action<Socket> serve)
    {
        try
        {
            while (true)
            {
                using var client = listener.Accept();
                try
                {
                    serve(client);
                }
                catch (SocketException)
                {
                    // The client went.
                }
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    private static void Greet(Socket client) => client.Send(((IPEndPoint)client.LocalEndPoint!).Address.GetAddressBytes());

    private static void Send(Socket client)
    {
        var chunk = new byte[256 * 1024];
        for (var sent = 0L; sent < BulkBytes;)
        {
            sent += client.Send(chunk, (int)Math.Min(chunk.Length, BulkBytes - sent), SocketFlags.None);
        }
    }
}
