using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Node.Dns;

namespace Portico.Node.Tests.Dns;

public sealed class DnsServerTests
{
    private static readonly byte[] Question = Convert.FromHexString(
        "0001010000010000000000000377656204" + "73686f70" + "0373766307636c7573746572056c6f63616c00" + "00010001");

    [Fact]
    public async Task Run_UdpAndTcp_AnswerAlike()
    {
        var services = new ObjectCache<Service>();
        services.Set(new() { Metadata = new() { Name = "web", Namespace = "shop" }, Spec = new() { ClusterIP = "10.96.1.1" } });
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endPoint = (IPEndPoint)probe.LocalEndPoint!;
        probe.Dispose();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var server = new DnsServer(services, new(), new() { Listen = [endPoint] }, NullLoggerFactory.Instance);
        var running = server.RunAsync(stop.Token);

        using var udp = new UdpClient(endPoint.Address.ToString(), endPoint.Port);
        var answer = await AskAsync(udp, stop.Token);
        Assert.Equal([10, 96, 1, 1], answer[^4..]);

        using var tcp = await ConnectAsync(endPoint, stop.Token);
        await tcp.GetStream().WriteAsync((byte[])[0, (byte)Question.Length, .. Question], stop.Token);
        var byTcp = new byte[answer.Length + 2];
        await tcp.GetStream().ReadExactlyAsync(byTcp, stop.Token);
        Assert.Equal(answer, byTcp[2..]);
        await stop.CancelAsync();
        await running;
    }

    // The server binds a moment after it was started, UDP and TCP each in its own time.
    private static async Task<TcpClient> ConnectAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        while (true)
        {
            var client = new TcpClient();
            try
            {
                await client.ConnectAsync(server, cancellationToken);
                return client;
            }
            catch (SocketException)
            {
                client.Dispose();
                await Task.Delay(20, cancellationToken);
            }
        }
    }

    private static async Task<byte[]> AskAsync(UdpClient client, CancellationToken cancellationToken)
    {
        while (true)
        {
            await client.SendAsync(Question, cancellationToken);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(200);
            try
            {
                return (await client.ReceiveAsync(patience.Token)).Buffer;
            }
            catch (Exception early) when (early is SocketException || (early is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                await Task.Delay(20, cancellationToken);
            }
        }
    }
}
