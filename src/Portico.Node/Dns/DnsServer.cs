using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Loops;
using Portico.Node.Networks;

namespace Portico.Node.Dns;

/// <summary>The DNS server of one node, by UDP and TCP. It answers from caches, so a change is seen as soon as the node knows of it.</summary>
public sealed partial class DnsServer
{
    private const int MaxUdp = 4096;

    private readonly ObjectCache<Service> _services;
    private readonly ObjectCache<EndpointSlice> _slices;
    private readonly DnsServerOptions _options;
    private readonly NodeSpace _space;
    private readonly ILogger _logger;

    public DnsServer(ObjectCache<Service> services, ObjectCache<EndpointSlice> slices, DnsServerOptions options, ILoggerFactory loggers)
    {
        (_services, _slices, _options) = (services, slices, options);
        _space = new(options.NodeNamespace);
        _logger = loggers.CreateLogger<DnsServer>();
    }

    /// <summary>Serves until cancelled. The addresses need not be on an interface yet.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var index = new ServiceIndex(_services, _slices);
        var responder = new DnsResponder(new ClusterZone(index, _options.ClusterDomain), new DnsForwarder(_options.Upstreams, _space, _options.Time));
        await Task.WhenAll(_options.Listen.SelectMany(endPoint => (IEnumerable<Task>)
        [
            BackgroundLoop.RunAsync($"DNS udp {endPoint}", token => ServeUdpAsync(endPoint, responder, token), _logger, _options.Time, cancellationToken),
            BackgroundLoop.RunAsync($"DNS tcp {endPoint}", token => ServeTcpAsync(endPoint, responder, token), _logger, _options.Time, cancellationToken),
        ]));
    }

    private async Task ServeUdpAsync(IPEndPoint endPoint, DnsResponder responder, CancellationToken cancellationToken)
    {
        using var socket = Bind(endPoint, SocketType.Dgram, ProtocolType.Udp);
        LogListening("udp", endPoint);
        var buffer = new byte[MaxUdp];
        var answer = new byte[MaxUdp];
        var forwarded = new List<Task>();
        try
        {
            while (true)
            {
                SocketReceiveFromResult received;
                try
                {
                    received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), cancellationToken);
                }
                catch (SocketException unreachable) when (unreachable.SocketErrorCode is SocketError.ConnectionReset or SocketError.MessageSize)
                {
                    // Somebody who asked is gone, or sent more than a query can have.
                    continue;
                }

                var message = buffer.AsMemory(0, received.ReceivedBytes);
                if (responder.TryAnswer(message.Span, answer, MaxUdp, out var length))
                {
                    if (length > 0)
                    {
                        await SendAsync(socket, answer.AsMemory(0, length), received.RemoteEndPoint, cancellationToken);
                    }

                    continue;
                }

                forwarded.RemoveAll(static task => task.IsCompleted);
                forwarded.Add(ForwardAsync(socket, responder, message.ToArray(), received.RemoteEndPoint, cancellationToken));
            }
        }
        finally
        {
            await Task.WhenAll(forwarded);
        }
    }

    private async Task ForwardAsync(Socket socket, DnsResponder responder, byte[] message, EndPoint client, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(socket, await responder.ForwardAsync(message, cancellationToken), client, cancellationToken);
        }
        catch (Exception stopping) when (stopping is OperationCanceledException or ObjectDisposedException)
        {
            // The client asks again elsewhere.
        }
    }

    private async Task SendAsync(Socket socket, ReadOnlyMemory<byte> answer, EndPoint client, CancellationToken cancellationToken)
    {
        try
        {
            await socket.SendToAsync(answer, SocketFlags.None, client, cancellationToken);
        }
        catch (SocketException unreachable)
        {
            LogUnreachable(client, unreachable.Message);
        }
    }

    private async Task ServeTcpAsync(IPEndPoint endPoint, DnsResponder responder, CancellationToken cancellationToken)
    {
        using var socket = Bind(endPoint, SocketType.Stream, ProtocolType.Tcp);
        socket.Listen(128);
        LogListening("tcp", endPoint);
        var clients = new List<Task>();
        try
        {
            while (true)
            {
                var client = await socket.AcceptAsync(cancellationToken);
                clients.RemoveAll(static task => task.IsCompleted);
                if (clients.Count >= DnsConnection.MaxConnections)
                {
                    client.Dispose();
                    continue;
                }

                clients.Add(DnsConnection.ServeAsync(client, responder, _options.Time, cancellationToken));
            }
        }
        finally
        {
            await Task.WhenAll(clients);
        }
    }

    private Socket Bind(IPEndPoint endPoint, SocketType type, ProtocolType protocol)
    {
        const int solIp = 0, ipFreebind = 15; // linux/in.h
        var socket = _space.CreateSocket(endPoint.AddressFamily, type, protocol);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.SetRawSocketOption(solIp, ipFreebind, BitConverter.GetBytes(1));
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LoggerMessage(4060, LogLevel.Debug, "DNS answers on {Protocol} {EndPoint}")]
    private partial void LogListening(string protocol, IPEndPoint endPoint);

    [LoggerMessage(4061, LogLevel.Debug, "DNS: no answer to {Client}: {Message}")]
    private partial void LogUnreachable(EndPoint client, string message);
}
