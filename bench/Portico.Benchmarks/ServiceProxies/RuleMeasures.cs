using System.Diagnostics;
using Portico.Benchmarks.Load;
using Portico.Benchmarks.Results;
using Portico.Proxy;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>What the rules cost: to load, to change, to pass, to hold.</summary>
internal static class RuleMeasures
{
    private const int Changes = 300;

    public static async Task LoadAndChangeAsync(bool quick, Report report, CancellationToken cancellationToken)
    {
        var p99 = new Dictionary<int, double>();
        var p50 = new Dictionary<int, double>();
        foreach (var services in quick ? [1_000, 5_000] : new[] { 1_000, 10_000, 44_000 })
        {
            await using var world = await ProxyWorld.CreateAsync(cancellationToken);
            await using var proxy = ProxyProcess.Start(world.Node, ProxyMode.Nftables);
            await proxy.AskAsync($"fill {services} 2", cancellationToken);
            var load = (await proxy.AskAsync("start", cancellationToken))[0];
            var bar = services switch { 10_000 => 1000, 44_000 => 4000, _ => 0 };
            report.Add(new(
                $"nftables, cold start, {services:N0} services × 2 endpoints", $"{load:N0} ms", bar == 0 ? "" : $"≤ {bar / 1000} s", bar == 0 ? null : load <= bar));
            // The first ones compile.
            await proxy.AskAsync($"change 50 {services}", cancellationToken);
            var times = await proxy.AskAsync($"change {Changes} {services}", cancellationToken);
            (p50[services], p99[services]) = (times[0], times[1]);
            report.Add(new(
                $"nftables, one endpoint replaced at {services:N0} services", $"p50 {times[0]:F2} ms, p99 {times[1]:F2} ms, worst {times[2]:F1} ms", "p99 ≤ 10 ms", times[1] <= 10));
            if (services is 10_000 or 5_000)
            {
                await CompareAsync(services, load, report, cancellationToken);
            }
        }

        var (smallest, largest) = (p50.Keys.Min(), p50.Keys.Max());
        var ratio = p50[largest] / p50[smallest];
        report.Add(new($"one change, {largest:N0} beside {smallest:N0} services", $"p50 {ratio:F2} ×, p99 {p99[largest] / p99[smallest]:F2} ×", "≤ 1.5 × (p50)", ratio <= 1.5));
    }

    public static async Task FirstPacketAsync(bool quick, Report report, CancellationToken cancellationToken)
    {
        const int rounds = 20;
        const int connections = 100;
        var many = quick ? 5_000 : 30_000;
        await using var smallWorld = await ProxyWorld.CreateAsync(cancellationToken);
        await using var largeWorld = await ProxyWorld.CreateAsync(cancellationToken);
        using var smallPods = new PodServers(smallWorld.Pods);
        using var largePods = new PodServers(largeWorld.Pods);
        await using var small = ProxyProcess.Start(smallWorld.Node, ProxyMode.Nftables);
        await using var large = ProxyProcess.Start(largeWorld.Node, ProxyMode.Nftables);
        foreach (var (proxy, services) in new[] { (small, 10), (large, many) })
        {
            await proxy.AskAsync($"fill {services} 2", cancellationToken);
            await proxy.AskAsync("start", cancellationToken);
        }

        var (few, lots) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            // Turns, so that whatever else the machine does meets both; the first round warms up.
            var a = Connections.FirstPackets(smallWorld.Client, ProxyHost.ClusterIP(round % 10), connections);
            var b = Connections.FirstPackets(largeWorld.Client, ProxyHost.ClusterIP(many - 1 - round), connections);
            if (round > 0)
            {
                few.AddRange(a);
                lots.AddRange(b);
            }
        }

        var ratio = Percentiles.Median(lots) / Percentiles.Median(few);
        report.Add(new(
            $"first packet of a connection, {many:N0} beside 10 services",
            $"p50 {Percentiles.Median(lots):F1} beside {Percentiles.Median(few):F1} µs, p99 {Percentiles.Of(lots, 0.99):F0} beside {Percentiles.Of(few, 0.99):F0} µs: {ratio:F2} ×",
            "≤ 1.1 × (p50)", ratio <= 1.1));
    }

    public static async Task MemoryAsync(bool quick, Report report, CancellationToken cancellationToken)
    {
        var services = quick ? 1_000 : 10_000;
        await using var world = await ProxyWorld.CreateAsync(cancellationToken);
        await using var proxy = ProxyProcess.Start(world.Node, ProxyMode.Nftables);
        await proxy.AskAsync($"fill {services} 10", cancellationToken);
        await proxy.AskAsync("start", cancellationToken);
        await proxy.AskAsync($"change 20 {services}", cancellationToken);
        var memory = await proxy.AskAsync("memory", cancellationToken);
        report.Add(new(
            $"memory of the process, {services:N0} services × 10 endpoints, caches and all", $"{memory[0]:F0} MB PSS, {memory[1]:F0} MB working set", "≤ 200 MB", memory[1] <= 200));
    }

    public static async Task IptablesAsync(bool quick, Report report, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<ProxyMode>("Iptables", out var iptables))
        {
            report.Add(new("iptables", "not in this build"));
            return;
        }

        var services = quick ? 1_000 : 5_000;
        await using var world = await ProxyWorld.CreateAsync(cancellationToken);
        await using var proxy = ProxyProcess.Start(world.Node, iptables);
        await proxy.AskAsync($"fill {services} 2", cancellationToken);
        var load = (await proxy.AskAsync("start", cancellationToken))[0];
        var times = await proxy.AskAsync($"change 10 {services}", cancellationToken);
        report.Add(new($"iptables, cold start, {services:N0} services × 2 endpoints", $"{load:N0} ms"));
        report.Add(new($"iptables, one endpoint replaced at {services:N0} services", $"p50 {times[0]:F0} ms, worst {times[2]:F0} ms", "≤ 1 s", times[2] <= 1000));
    }

    private static async Task CompareAsync(int services, double ours, Report report, CancellationToken cancellationToken)
    {
        await using var world = await ProxyWorld.CreateAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        var theirs = await KubeProxyLayout.LoadAsync(world.Node, services, cancellationToken);
        var milliseconds = (theirs ?? Stopwatch.GetElapsedTime(started)).TotalMilliseconds;
        var ratio = milliseconds / ours;
        report.Add(new(
            $"the layout of kube-proxy, {services:N0} services, loaded by nft", $"{(theirs is null ? "more than " : "")}{milliseconds:N0} ms: {ratio:F1} × ours", services == 10_000 ? "≥ 20 ×" : "", services == 10_000 ? ratio >= 20 : null));
    }
}
