using Portico.Benchmarks.Load;
using Portico.Benchmarks.Results;
using Portico.Testing.Clusters;

namespace Portico.Benchmarks.Measures;

/// <summary>Requests that fail, and WebSockets that break, while the application behind the gateway changes.</summary>
internal static class Disruption
{
    private const double Rate = 300;
    private const int Sockets = 20;
    private const string Host = "shop.example";
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SlowFrom = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(BenchCluster bench, Report report, CancellationToken cancellationToken)
    {
        // No warm-up: a cluster that was just started must bear it. This first one shows what generator and machine do by themselves.
        await MeasureAsync(bench, "nothing changes", static (_, stop) => Task.Delay(2 * Quiet, stop), report, cancellationToken);
        await MeasureAsync(bench, "scaling 3→10→3", ScaleAsync, report, cancellationToken);
        await MeasureAsync(bench, "a rolling update", RollAsync, report, cancellationToken);
    }

    private static async Task ScaleAsync(BenchCluster bench, CancellationToken cancellationToken)
    {
        await ScaleToAsync(bench, 10, cancellationToken);
        await Task.Delay(Quiet, cancellationToken);
        await ScaleToAsync(bench, 3, cancellationToken);
    }

    private static async Task ScaleToAsync(BenchCluster bench, int replicas, CancellationToken cancellationToken)
    {
        await bench.Cluster.KubectlAsync($"-n shop scale deployment web --replicas {replicas}", cancellationToken);
        await bench.RolledOutAsync("shop", "web", cancellationToken);
        await Eventually.GetAsync(
            $"{replicas} pods of shop/web", BenchCluster.Patience,
            async token => (await bench.Cluster.KubectlAsync("-n shop get pods -l app=web -o name", token)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length,
            count => count == replicas, cancellationToken);
    }

    private static async Task RollAsync(BenchCluster bench, CancellationToken cancellationToken)
    {
        await bench.Cluster.KubectlAsync("-n shop set env deployment web RELEASE=2", cancellationToken);
        await bench.RolledOutAsync("shop", "web", cancellationToken);
        // The last pod of the old version still drains.
        await Eventually.GetAsync(
            "3 pods of shop/web", BenchCluster.Patience,
            async token => (await bench.Cluster.KubectlAsync("-n shop get pods -l app=web -o name", token)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length,
            static count => count == 3, cancellationToken);
    }

    private static async Task MeasureAsync(
        BenchCluster bench, string what, Func<BenchCluster, CancellationToken, Task> change, Report report, CancellationToken cancellationToken)
    {
        using var http = bench.KeepAlive(bench.Gateway);
        // To a Service that does not change: a pod that ends takes its own streams with it.
        await using var sockets = await OpenSockets.OpenAsync(Sockets, http, new Uri($"ws://{Host}/api/socket"), Host, cancellationToken);
        using var stop = new CancellationTokenSource();
        var load = new OpenLoop(http, new Uri($"http://{Host}/"), Host, Rate).RunAsync(stop.Token);
        try
        {
            await Task.Delay(Quiet, cancellationToken);
            await change(bench, cancellationToken);
            await Task.Delay(Quiet, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
        }

        Show(what, await load, await sockets.CloseAsync(), report);
    }

    private static void Show(string what, IReadOnlyList<Attempt> attempts, IReadOnlyList<string> broken, Report report)
    {
        var failed = attempts.Where(static attempt => !attempt.Succeeded).ToList();
        var latencies = attempts.Where(static attempt => attempt.Succeeded).Select(static attempt => attempt.Latency.TotalMilliseconds).ToList();
        report.Add(new($"{what}: failed of {attempts.Count} requests at {Rate}/s, open loop", $"{failed.Count}{Reasons(failed)}", "0", failed.Count == 0));
        report.Add(new(
            $"{what}: latency p50 / p99 / longest, and answers slower than {SlowFrom.TotalSeconds} s",
            $"{Percentiles.Median(latencies):F1} / {Percentiles.Of(latencies, 0.99):F1} / {Percentiles.Of(latencies, 1):F0} ms, {latencies.Count(static one => one > SlowFrom.TotalMilliseconds)}"));
        report.Add(new($"{what}: WebSockets dropped of {Sockets}", $"{broken.Count}{(broken.Count > 0 ? $" ({broken[0]})" : "")}", "0", broken.Count == 0));
    }

    private static string Reasons(IEnumerable<Attempt> failed)
    {
        var reasons = failed.GroupBy(static attempt => attempt.Status > 0 ? $"HTTP {attempt.Status}" : attempt.Error).Select(static group => $"{group.Count()} {group.Key}");
        return string.Join("; ", reasons) is { Length: > 0 } text ? $" ({text})" : "";
    }
}
