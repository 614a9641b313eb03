using System.Net;
using System.Net.Sockets;
using Portico.Net.Relays;
using Portico.Net.Sockets;
using Portico.Proxy.Services;
using Portico.Proxy.Userspace;

namespace Portico.Proxy.Tests.Userspace;

/// <summary>On loopback, without the rules.</summary>
public sealed class UdpForwarderTests
{
    [Fact]
    public async Task Run_DatagramsOfAnySize_BothWaysInOrderAndWhole()
    {
        using var backend = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        backend.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = new EndpointAddress(IPAddress.Loopback, (ushort)((IPEndPoint)backend.LocalEndPoint!).Port, true);
        var frontend = new Frontend
        {
            Key = new(IPAddress.Parse("10.96.0.1"), TransportProtocol.Udp, 53),
            Kind = FrontendKind.ClusterIP,
            Service = new("shop", "dns"),
            PortName = "",
            Cluster = new[] { endpoint },
            Serving = new[] { endpoint },
        };
        using var loops = new RelayLoops(null, TimeProvider.System);
        var forwarder = new UdpForwarder(
            frontend, new(TimeProvider.System), new(IPAddress.Loopback, 0), new(new SocketFactory(), loops, new(LocalDetector.None, []), ChecksSources: false, TimeProvider.System));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Connect(forwarder.Address);

        foreach (var size in new[] { 1, 0, 1400, 60000, 3 })
        {
            using var limit = new CancellationTokenSource(5000);
            var (buffer, sent) = (new byte[65536], new byte[size]);
            Random.Shared.NextBytes(sent);
            await client.SendAsync(sent, limit.Token);
            var got = await backend.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), limit.Token);
            Assert.Equal(sent, buffer[..got.ReceivedBytes]);
            await backend.SendToAsync(sent, got.RemoteEndPoint, limit.Token);
            Assert.Equal(sent, buffer[..await client.ReceiveAsync(buffer, limit.Token)]);
        }

        await forwarder.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));
    }
}
