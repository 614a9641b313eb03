using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portico.Api.Kinds;
using Portico.Benchmarks.Load;
using Portico.Benchmarks.Results;
using Portico.Client.Requests;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.Benchmarks.Measures;

/// <summary>How long after a change of the API traffic follows it. Times begin when the request of the change is sent, or the change is seen in a watch.</summary>
internal static class ChangeToEffect
{
    private const int Rounds = 20;
    private const double ProbesPerSecond = 250;
    private const double RemovalBar = 200;

    public static async Task RunAsync(BenchCluster bench, Report report, CancellationToken cancellationToken)
    {
        await PodReadyAsync(bench, report, cancellationToken);
        await PodDeletedAsync(bench, report, cancellationToken);
        await RouteAddedAsync(bench, report, cancellationToken);
    }

    // From no pod to one, so that the first answer can only be the new pod's.
    private static async Task PodReadyAsync(BenchCluster bench, Report report, CancellationToken cancellationToken)
    {
        const string name = "ready";
        await bench.Cluster.ApplyAsync(BenchManifests.Echo(name, 0), cancellationToken);
        using var service = bench.Fresh(await bench.LoadBalancerAsync(name, cancellationToken));
        using var gateway = bench.Fresh(bench.Gateway);
        var (throughService, throughGateway) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var probes = new[] { service, gateway }.Select(http => Probe(http, name)).ToArray();
            var loads = probes.Select(probe => probe.RunAsync(stop.Token)).ToArray();
            var ready = UntilReadyAsync(bench.Cluster.Api, name, cancellationToken);
            await bench.Cluster.KubectlAsync($"-n {BenchManifests.Namespace} scale deployment {name} --replicas 1", cancellationToken);
            await ready;
            TimeSpan[] seen = [.. probes.Select(static probe => probe.Now)];
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
            await stop.CancelAsync();
            throughService.Add(After(seen[0], await loads[0]));
            throughGateway.Add(After(seen[1], await loads[1]));
            await bench.Cluster.KubectlAsync($"-n {BenchManifests.Namespace} scale deployment {name} --replicas 0", cancellationToken);
            await bench.Cluster.KubectlAsync($"-n {BenchManifests.Namespace} wait --for=delete pod -l app={name} --timeout=30s", cancellationToken);
        }

        Show(report, "pod ready (seen by watch) → first answer through its LoadBalancer address", throughService, null);
        Show(report, "pod ready (seen by watch) → first answer through Ingress", throughGateway, null);
    }

    private static async Task PodDeletedAsync(BenchCluster bench, Report report, CancellationToken cancellationToken)
    {
        const string name = "deleted";
        await bench.Cluster.ApplyAsync(BenchManifests.Echo(name, 3), cancellationToken);
        await bench.RolledOutAsync(BenchManifests.Namespace, name, cancellationToken);
        using var gateway = bench.Fresh(bench.Gateway);
        var (kernel, routes) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var pods = await bench.Cluster.Api.ListAsync(
                KnownKinds.Pods, new() { Namespace = BenchManifests.Namespace, LabelSelector = $"app={name}" }, cancellationToken);
            var pod = pods.OrThrow().Items.First(static pod => pod.Metadata.DeletionTimestamp is null);
            using var stop = new CancellationTokenSource();
            var probe = Probe(gateway, name);
            var load = probe.RunAsync(stop.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(300), cancellationToken);

            var (clock, deleted) = (Stopwatch.StartNew(), probe.Now);
            var removed = Task.WhenAll(Enumerable.Range(1, 2).Select(node => UntilForgottenAsync(bench.Cluster, node, pod.Status.PodIP!, clock, cancellationToken)));
            _ = await bench.Cluster.Api.DeleteAsync(KnownKinds.Pods.Resource, new(BenchManifests.Namespace, pod.Metadata.Name), null, null, cancellationToken);
            kernel.Add((await removed).Max());
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
            await stop.CancelAsync();
            // The pod still answers while it drains, so its last answer tells when the gateway let go of it.
            var last = (await load).LastOrDefault(attempt => attempt.Pod == pod.Metadata.Name);
            routes.Add(last is null ? 0 : Math.Max(0, (last.Due - deleted).TotalMilliseconds));
            await bench.RolledOutAsync(BenchManifests.Namespace, name, cancellationToken);
        }

        Show(report, "pod deleted → its endpoint out of the kernel rules of both nodes", kernel, RemovalBar);
        Show(report, "pod deleted → last request that the gateway sent to it", routes, RemovalBar);
    }

    private static async Task RouteAddedAsync(BenchCluster bench, Report report, CancellationToken cancellationToken)
    {
        const string name = "deleted";
        using var gateway = bench.Fresh(bench.Gateway);
        var (first, settled) = (new List<double>(), new List<double>());
        var paths = new List<string> { "/" };
        for (var round = 0; round < Rounds; round++)
        {
            var path = $"/route-{round}";
            paths.Add(path);
            using var stop = new CancellationTokenSource();
            var probe = new OpenLoop(gateway, new Uri($"http://{name}.{BenchManifests.Host}{path}"), $"{name}.{BenchManifests.Host}", ProbesPerSecond);
            var load = probe.RunAsync(stop.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            var changed = probe.Now;
            (await bench.Cluster.Api.PatchAsync(
                KnownKinds.Ingresses, new(BenchManifests.Namespace, name), PatchType.Json, AddPath(path, name), null, cancellationToken)).OrThrow();
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
            await stop.CancelAsync();
            var attempts = await load;
            first.Add(After(changed, attempts));
            settled.Add(Math.Max(0, (attempts.Where(static attempt => !attempt.Succeeded).Max(static attempt => attempt.Due) - changed).TotalMilliseconds));
        }

        Show(report, "path added to an Ingress → first 200", first, null);
        Show(report, "path added to an Ingress → last 404 (all gateways have it)", settled, null);
    }

    private static JsonArray AddPath(string path, string service) =>
    [
        new JsonObject
        {
            ["op"] = "add",
            ["path"] = "/spec/rules/0/http/paths/-",
            ["value"] = new JsonObject
            {
                ["path"] = path,
                ["pathType"] = "Exact",
                ["backend"] = new JsonObject { ["service"] = new JsonObject { ["name"] = service, ["port"] = new JsonObject { ["name"] = "http" } } },
            },
        },
    ];

    private static OpenLoop Probe(HttpMessageInvoker http, string name) =>
        new(http, new Uri($"http://{name}.{BenchManifests.Host}/"), $"{name}.{BenchManifests.Host}", ProbesPerSecond);

    /// <returns>Milliseconds; 0 when an answer came even before we saw the change ourselves.</returns>
    private static double After(TimeSpan change, IReadOnlyList<Attempt> attempts)
    {
        var answers = attempts.Where(static attempt => attempt.Succeeded).Select(static attempt => attempt.Done).ToList();
        return answers.Count == 0 ? double.PositiveInfinity : Math.Max(0, (answers.Min() - change).TotalMilliseconds);
    }

    private static async Task UntilReadyAsync(KubernetesClient api, string app, CancellationToken cancellationToken)
    {
        var options = new ListOptions { Namespace = BenchManifests.Namespace, LabelSelector = $"app={app}" };
        var list = (await api.ListAsync(KnownKinds.Pods, options, cancellationToken)).OrThrow();
        await foreach (var change in api.WatchAsync(KnownKinds.Pods, options, list.Metadata.ResourceVersion!, cancellationToken))
        {
            if (change.Type != WatchEventType.Bookmark && change.Object.Status.Conditions.Any(static one => one is { Type: "Ready", Status: "True" }))
            {
                return;
            }
        }

        throw new IOException($"the watch of pods of {app} ended before one was ready");
    }

    private static async Task<double> UntilForgottenAsync(LocalCluster cluster, int node, string address, Stopwatch clock, CancellationToken cancellationToken)
    {
        var mentioned = new Regex($@"(?<!\d){Regex.Escape(address)}(?!\d)");
        while (clock.Elapsed < TimeSpan.FromSeconds(10))
        {
            // A child of a thread that is in the namespace is in it too.
            var rules = await cluster.NodeNamespace(node).Run(() => Command.RunAsync("nft", ["list", "table", "ip", "portico-proxy"], null, cancellationToken));
            if (!mentioned.IsMatch(rules.OrThrow("nft list table").Output))
            {
                return clock.Elapsed.TotalMilliseconds;
            }
        }

        return double.PositiveInfinity;
    }

    private static void Show(Report report, string what, List<double> milliseconds, double? bar)
    {
        var p99 = Percentiles.Of(milliseconds, 0.99);
        report.Add(new(
            what, $"p50 {Percentiles.Median(milliseconds):F0} ms, p99 {p99:F0} ms of {milliseconds.Count}", bar is { } most ? $"< {most:F0} ms" : "", bar is { } limit ? p99 < limit : null));
    }
}
