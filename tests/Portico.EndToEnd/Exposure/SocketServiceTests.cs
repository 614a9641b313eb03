using System.Net;
using System.Net.Sockets;
using System.Text;
using Portico.EndToEnd.Clusters;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Exposure;

/// <summary>TCP and UDP through a LoadBalancer Service whose two ports have the same number.</summary>
public sealed class SocketServiceTests(ShopCluster shop) : ClusterTest(shop)
{
    private const int Port = 7777;
    private const int Tries = 16;

    [Fact]
    public async Task Tcp_EachConnectionIsBalancedAndEchoes()
    {
        var target = new IPEndPoint(await LoadBalancerAsync("e2e", "sock"), Port);
        var pods = new HashSet<string>();
        for (var i = 0; i < Tries; i++)
        {
            using var socket = await LanClient.ConnectAsync(Cluster.ClientNamespace, target, Stop);
            using var reader = new StreamReader(new NetworkStream(socket));
            pods.Add((await reader.ReadLineAsync(Stop))!);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"message {i}\n"), Stop);

            Assert.Equal($"message {i}", await reader.ReadLineAsync(Stop));
        }

        Assert.Equal(2, pods.Count);
    }

    [Fact]
    public async Task Tcp_HalfClosed_StillReceives()
    {
        using var socket = await LanClient.ConnectAsync(Cluster.ClientNamespace, new(await LoadBalancerAsync("e2e", "sock"), Port), Stop);
        using var reader = new StreamReader(new NetworkStream(socket));

        await socket.SendAsync("the end"u8.ToArray(), Stop);
        socket.Shutdown(SocketShutdown.Send);

        Assert.EndsWith("the end", await reader.ReadToEndAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Udp_EachFlowIsBalancedAndEchoes()
    {
        var target = new IPEndPoint(await LoadBalancerAsync("e2e", "sock"), Port);
        var pods = new HashSet<string>();
        var buffer = new byte[1500];
        for (var i = 0; i < Tries; i++)
        {
            using var socket = LanClient.OpenUdp(Cluster.ClientNamespace);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            await socket.SendToAsync(Encoding.ASCII.GetBytes($"datagram-{i}"), target, limit.Token);
            var answer = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), limit.Token);
            var words = Encoding.ASCII.GetString(buffer, 0, answer.ReceivedBytes).Split(' ');

            Assert.Equal(target, answer.RemoteEndPoint);
            Assert.Equal($"datagram-{i}", words[1]);
            pods.Add(words[0]);
        }

        Assert.Equal(2, pods.Count);
    }
}
