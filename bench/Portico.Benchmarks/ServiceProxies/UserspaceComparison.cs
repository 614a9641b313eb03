using System.Diagnostics;
using System.Net;
using Portico.Benchmarks.Load;
using Portico.Benchmarks.Results;
using Portico.Proxy;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>Userspace mode beside HAProxy in TCP mode and socat: the same client, endpoints and node, in turns.</summary>
internal static class UserspaceComparison
{
    private const int Threads = 8;

    public static async Task RunAsync(bool quick, Report report, CancellationToken cancellationToken)
    {
        await using var world = await ProxyWorld.CreateAsync(cancellationToken);
        using var pods = new PodServers(world.Pods);
        await using var portico = ProxyProcess.Start(world.Node, ProxyMode.Userspace);
        string[] endpoints = [ProxyHost.Endpoint(1), ProxyHost.Endpoint(2)];
        await portico.AskAsync("fill 0 0", cancellationToken);
        await portico.AskAsync($"add greeting 10.64.0.1 {PodServers.GreetingPort} {string.Join(' ', endpoints)}", cancellationToken);
        await portico.AskAsync($"add bulk 10.64.0.2 {PodServers.BulkPort} {string.Join(' ', endpoints)}", cancellationToken);
        await portico.AskAsync("start", cancellationToken);

        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, HaProxy(endpoints), cancellationToken);
        using var haproxy = Start(world, "haproxy", "-db", "-f", file);
        using var socatGreeting = Start(world, "socat", "TCP-LISTEN:9003,fork,reuseaddr,backlog=4096", $"TCP:{endpoints[0]}:{PodServers.GreetingPort}");
        using var socatBulk = Start(world, "socat", "TCP-LISTEN:9004,fork,reuseaddr", $"TCP:{endpoints[0]}:{PodServers.BulkPort}");
        try
        {
            Peer[] peers =
            [
                new("Portico", [portico.Pid], IPEndPoint.Parse("10.64.0.1:80"), IPEndPoint.Parse("10.64.0.2:80")),
                new("HAProxy", [haproxy.Id], IPEndPoint.Parse($"{ProxyWorld.NodeAddress}:9001"), IPEndPoint.Parse($"{ProxyWorld.NodeAddress}:9002")),
                new("socat", [socatGreeting.Id, socatBulk.Id], IPEndPoint.Parse($"{ProxyWorld.NodeAddress}:9003"), IPEndPoint.Parse($"{ProxyWorld.NodeAddress}:9004")),
            ];
            foreach (var peer in peers)
            {
                await ListensAsync(world, peer, cancellationToken);
            }

            var runs = peers.ToDictionary(static peer => peer, static _ => new List<Run>());
            var rounds = quick ? 2 : 4;
            for (var round = 0; round < rounds; round++)
            {
                foreach (var peer in round % 2 == 0 ? peers : [.. peers.Reverse()])
                {
                    var run = Measure(world, peer, TimeSpan.FromSeconds(quick ? 1 : 3));
                    if (round > 0)
                    {
                        runs[peer].Add(run);
                    }
                }
            }

            Show(peers, runs, report);
        }
        finally
        {
            foreach (var process in new[] { haproxy, socatGreeting, socatBulk })
            {
                process.Kill(entireProcessTree: true);
            }

            File.Delete(file);
        }
    }

    private static Run Measure(ProxyWorld world, Peer peer, TimeSpan time)
    {
        var before = peer.Pids.Sum(ProcessorTime.Of);
        var (done, failed, took) = Connections.AsManyAsPossible(world.Client, peer.Greeting, Threads, time);
        if (failed > 0)
        {
            throw new InvalidDataException($"{peer.Name}: {failed} of {done + failed} connections failed");
        }

        var between = peer.Pids.Sum(ProcessorTime.Of);
        var bytes = Connections.Receive(world.Client, peer.Bulk);
        if (bytes != PodServers.BulkBytes)
        {
            throw new InvalidDataException($"{peer.Name}: {bytes} of {PodServers.BulkBytes} bytes came");
        }

        // A process of socat counts when it has ended.
        Thread.Sleep(200);
        return new(done / took.TotalSeconds, (between - before) / done * 1_000_000, peer.Pids.Sum(ProcessorTime.Of) - between);
    }

    private static void Show(Peer[] peers, Dictionary<Peer, List<Run>> runs, Report report)
    {
        double Rate(Peer peer) => Percentiles.Median(runs[peer].Select(static run => run.ConnectionsPerSecond));
        double Bulk(Peer peer) => Percentiles.Median(runs[peer].Select(static run => run.SecondsPerGigabyte));
        foreach (var peer in peers)
        {
            var cpu = Percentiles.Median(runs[peer].Select(static run => run.MicrosecondsPerConnection));
            report.Add(new($"userspace TCP: {peer.Name}", $"{Rate(peer):N0} connections/s, {cpu:F0} µs CPU each; {Bulk(peer):F2} s CPU a GB"));
        }

        var rate = Rate(peers[0]) / Rate(peers[1]);
        var bulk = Bulk(peers[0]) / Bulk(peers[1]);
        report.Add(new("userspace TCP, connections/s beside HAProxy", $"{rate:F2} ×", "≥ 0.8 ×", rate >= 0.8));
        report.Add(new("userspace TCP, CPU a GB beside HAProxy", $"{bulk:F2} ×", "≤ 1 ×", bulk <= 1));
    }

    private static async Task ListensAsync(ProxyWorld world, Peer peer, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            if (world.Client.Run(() => Connections.Greet(peer.Greeting)) is not null)
            {
                return;
            }

            await Task.Delay(50, cancellationToken);
        }

        throw new IOException($"{peer.Name} does not answer on {peer.Greeting}");
    }

    private static Process Start(ProxyWorld world, string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("nsenter", ["--net=" + world.Node.Path, program, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;

    // As many threads as Portico has loops, and splicing where HAProxy sees fit.
    private static string HaProxy(string[] endpoints) =>
        $"""
        global
          nbthread {Math.Clamp(Environment.ProcessorCount, 1, 4)}
          maxconn 4096
        defaults
          mode tcp
          option splice-auto
          timeout connect 5s
          timeout client 30s
          timeout server 30s
          balance roundrobin
        listen greeting
          bind :9001
        {string.Join('\n', endpoints.Select((address, index) => $"  server s{index} {address}:{PodServers.GreetingPort}"))}
        listen bulk
          bind :9002
        {string.Join('\n', endpoints.Select((address, index) => $"  server s{index} {address}:{PodServers.BulkPort}"))}

        """;

    private sealed record Peer(string Name, int[] Pids, IPEndPoint Greeting, IPEndPoint Bulk);

    private sealed record Run(double ConnectionsPerSecond, double MicrosecondsPerConnection, double SecondsPerGigabyte);
}
