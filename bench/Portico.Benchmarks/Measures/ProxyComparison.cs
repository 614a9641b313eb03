using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Portico.Api.Kinds;
using Portico.Benchmarks.Load;
using Portico.Benchmarks.Results;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.Benchmarks.Measures;

/// <summary>
/// The gateway beside nginx and HAProxy: each in two pods on two nodes behind a LoadBalancer address, before the same two static back ends, called by the same client.
/// </summary>
internal static partial class ProxyComparison
{
    private const int Rounds = 6;
    private const int Connections = 64;
    private const string Duration = "4s";

    public static async Task RunAsync(BenchCluster bench, Report report, CancellationToken cancellationToken)
    {
        var files = Directory.CreateTempSubdirectory("portico-bench-");
        try
        {
            var proxies = await PrepareAsync(bench, files.FullName, cancellationToken);
            var runs = proxies.ToDictionary(static proxy => proxy.Name, static _ => new List<Run>());
            for (var round = 0; round < Rounds; round++)
            {
                // Whoever comes second finds a warmer machine: the order turns.
                foreach (var proxy in round % 2 == 0 ? proxies : [.. proxies.Reverse()])
                {
                    var run = await MeasureAsync(bench, proxy, cancellationToken);
                    if (round > 0)
                    {
                        runs[proxy.Name].Add(run);
                    }
                }
            }

            Show(runs, report);
        }
        finally
        {
            files.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Proxy>> PrepareAsync(BenchCluster bench, string files, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(files, "static.conf"), PeerConfigurations.StaticServer, cancellationToken);
        var server = BenchManifests.Program("static", 2, Nginx(files, "static"), "LoadBalancer");
        await bench.Cluster.ApplyAsync(BenchManifests.Echo("unused", 0), cancellationToken);
        await bench.Cluster.ApplyAsync($"{server}\n---\n{BenchManifests.Ingress("static", ["/"])}", cancellationToken);
        await bench.RolledOutAsync(BenchManifests.Namespace, "static", cancellationToken);
        var pods = await bench.Cluster.Api.ListAsync(KnownKinds.Pods, new() { Namespace = BenchManifests.Namespace, LabelSelector = "app=static" }, cancellationToken);
        string[] backends = [.. pods.OrThrow().Items.Select(static pod => $"{pod.Status.PodIP}:8080")];

        await File.WriteAllTextAsync(Path.Combine(files, "nginx.conf"), PeerConfigurations.Nginx(backends), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(files, "haproxy.cfg"), PeerConfigurations.HaProxy(backends), cancellationToken);
        await bench.Cluster.ApplyAsync(BenchManifests.Program("nginx", 2, Nginx(files, "nginx"), "LoadBalancer"), cancellationToken);
        await bench.Cluster.ApplyAsync(BenchManifests.Program("haproxy", 2, $"exec haproxy -db -f {files}/haproxy.cfg", "LoadBalancer"), cancellationToken);
        await bench.RolledOutAsync(BenchManifests.Namespace, "nginx", cancellationToken);
        await bench.RolledOutAsync(BenchManifests.Namespace, "haproxy", cancellationToken);
        return
        [
            new("none (straight to the back ends)", await bench.LoadBalancerAsync("static", cancellationToken), "static.conf"),
            new("Portico", bench.Gateway, " gateway"),
            new("nginx", await bench.LoadBalancerAsync("nginx", cancellationToken), "nginx.conf"),
            new("HAProxy", await bench.LoadBalancerAsync("haproxy", cancellationToken), "haproxy.cfg"),
        ];
    }

    // Two pods share the machine's files, so each has a pid file of its own. A dollar is written twice in a command: $(NAME) stands for a variable.
    private static string Nginx(string files, string name) => $"exec nginx -c {files}/{name}.conf -g 'pid {files}/{name}-'$$$$'.pid;'";

    private static async Task<Run> MeasureAsync(BenchCluster bench, Proxy proxy, CancellationToken cancellationToken)
    {
        var all = ClusterProcesses.Find(bench.Cluster);
        var spaces = all.Where(entry => entry.NetworkNamespace.Contains("-pod-", StringComparison.Ordinal) && entry.CommandLine.Contains(proxy.Marker, StringComparison.Ordinal))
            .Select(static entry => entry.NetworkNamespace).ToHashSet();
        int[] pids = [.. all.Where(entry => spaces.Contains(entry.NetworkNamespace)).Select(static entry => entry.Pid)];
        if (spaces.Count != 2)
        {
            throw new InvalidOperationException($"{proxy.Name}: {spaces.Count} pods have a process with \"{proxy.Marker}\", not 2");
        }

        var before = pids.Sum(ClusterProcesses.ProcessorTime);
        var wrk = await bench.Cluster.ClientNamespace.Run(() => Command.RunAsync(
            "wrk", ["-t1", $"-c{Connections}", $"-d{Duration}", "-H", $"Host: static.{BenchManifests.Host}", .. PeerConfigurations.BrowserHeaders, $"http://{proxy.Address}/"], null, cancellationToken));
        var used = pids.Sum(ClusterProcesses.ProcessorTime) - before;
        var output = wrk.OrThrow("wrk").Output;
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{proxy.Name}: not every request succeeded: {output}");
        }

        var requests = double.Parse(Total().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        var rate = double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        return new(rate, used / requests * 1_000_000);
    }

    private static void Show(Dictionary<string, List<Run>> runs, Report report)
    {
        foreach (var (name, list) in runs)
        {
            var rate = Percentiles.Median(list.Select(static run => run.RequestsPerSecond));
            var cpu = Percentiles.Median(list.Select(static run => run.MicrosecondsPerRequest));
            var ratios = runs["nginx"].Zip(list, static (peer, run) => run.MicrosecondsPerRequest / peer.MicrosecondsPerRequest);
            var own = list.Select(static run => run.MicrosecondsPerRequest).ToList();
            report.Add(new(
                $"proxy: {name}",
                $"{rate:N0} requests/s, {cpu:F1} µs CPU a request [{own.Min():F1}-{own.Max():F1}], {Percentiles.Median(ratios):F2} × nginx"));
        }
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Total();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    /// <param name="Marker">In the command line of a process of each of its pods.</param>
    private sealed record Proxy(string Name, IPAddress Address, string Marker);

    private sealed record Run(double RequestsPerSecond, double MicrosecondsPerRequest);
}
