using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portico.Cli.Echo;

/// <summary>Answers each datagram with itself.</summary>
internal sealed class UdpEcho(IPEndPoint endpoint, string prefix) : IDisposable
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(prefix);
    private readonly Socket _socket = new(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Bind()
    {
        if (endpoint.Address.Equals(IPAddress.IPv6Any))
        {
            _socket.DualMode = true;
        }

        _socket.Bind(endpoint);
    }

    public async Task RunAsync(CancellationToken stop)
    {
        var buffer = new byte[_prefix.Length + 65535];
        _prefix.CopyTo(buffer, 0);
        var any = new IPEndPoint(endpoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer.AsMemory(_prefix.Length), SocketFlags.None, any, stop);
                await _socket.SendToAsync(buffer.AsMemory(0, _prefix.Length + received.ReceivedBytes), SocketFlags.None, received.RemoteEndPoint, stop);
            }
            catch (SocketException)
            {
                // An ICMP error of an earlier answer, or an answer too long to send: this datagram only.
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}
