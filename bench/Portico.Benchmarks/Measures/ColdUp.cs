using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Portico.Benchmarks.Load;
using Portico.Benchmarks.Results;
using Portico.Testing.Clusters;

namespace Portico.Benchmarks.Measures;

/// <summary>From the start of the program, with no data of an earlier run, to the first answer through the Ingress and to "all ready".</summary>
internal static class ColdUp
{
    private const int Rounds = 3;
    private const double ReadyBar = 8;

    public static async Task RunAsync(string build, string binary, Report report, CancellationToken cancellationToken)
    {
        var first = new List<double>();
        var ready = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var (answered, done) = await OnceAsync(binary, cancellationToken);
            first.Add(answered.TotalSeconds);
            ready.Add(done.TotalSeconds);
        }

        var (firstMedian, readyMedian) = (Percentiles.Median(first), Percentiles.Median(ready));
        report.Add(new($"{build}: cold up to the first 200 through Ingress (median of {Rounds})", $"{firstMedian:F2} s"));
        report.Add(new($"{build}: cold up to everything ready and reachable (median of {Rounds})", $"{readyMedian:F2} s", $"< {ReadyBar} s", readyMedian < ReadyBar));
    }

    private static async Task<(TimeSpan Answered, TimeSpan Ready)> OnceAsync(string binary, CancellationToken cancellationToken)
    {
        var port = FreePort();
        await using var cluster = new LocalCluster(new() { Prefix = "bench", Binary = binary, Manifests = ["examples/shop"], HttpPort = port });
        var clock = Stopwatch.StartNew();
        var up = cluster.UpAsync([], cancellationToken);
        var answered = await FirstAnswerAsync(port, clock, up, cancellationToken);
        (await up).OrThrow("portico up");
        return (answered, clock.Elapsed);
    }

    private static async Task<TimeSpan> FirstAnswerAsync(int port, Stopwatch clock, Task up, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(1) };
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/") { Headers = { Host = "shop.example" } };
                using var response = await http.SendAsync(request, cancellationToken);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return clock.Elapsed;
                }
            }
            catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Not yet.
            }

            if (up.IsFaulted || clock.Elapsed > TimeSpan.FromSeconds(90))
            {
                await up;
                throw new TimeoutException("no 200 through the Ingress within 90 s");
            }

            await Task.Delay(5, cancellationToken);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
