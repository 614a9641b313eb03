using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Portico.Benchmarks.Results;
using Portico.Proxy;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>Endpoints come and go while connections are made: none may be refused, none may reach an endpoint that was gone before it began.</summary>
internal static class Churn
{
    private const int Services = 100;
    private const int ChangesPerSecond = 200;
    private const int ConnectionsPerSecond = 2000;
    private const int Threads = 8;

    public static async Task RunAsync(bool quick, Report report, CancellationToken cancellationToken)
    {
        var time = TimeSpan.FromSeconds(quick ? 10 : 60);
        await using var world = await ProxyWorld.CreateAsync(cancellationToken);
        using var pods = new PodServers(world.Pods);
        await using var proxy = ProxyProcess.Start(world.Node, ProxyMode.Nftables);
        await proxy.AskAsync($"fill {Services} 2", cancellationToken);
        await proxy.AskAsync("start", cancellationToken);
        await proxy.AskAsync($"change 1 {Services}", cancellationToken);

        var lives = new EndpointLives();
        var current = new int[Services];
        for (var service = 0; service < Services; service++)
        {
            current[service] = 1_000_000 + service;
            await SetAsync(proxy, lives, service, null, current[service], cancellationToken);
        }

        var before = ProcessorTime.Of(proxy.Pid);
        var started = Stopwatch.GetTimestamp();
        var load = Load(world, time, started, out var attempts);
        var changes = 0;
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            if (changes < Stopwatch.GetElapsedTime(started).TotalSeconds * ChangesPerSecond)
            {
                var service = changes % Services;
                await SetAsync(proxy, lives, service, current[service], current[service] += Services, cancellationToken);
                changes++;
            }
            else
            {
                await Task.Delay(1, cancellationToken);
            }
        }

        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var used = (ProcessorTime.Of(proxy.Pid) - before) / took;
        foreach (var thread in load)
        {
            thread.Join();
        }

        var refused = attempts.Count(static attempt => attempt.Answer is null);
        var wrong = attempts.Count(attempt => attempt.Answer is { } answer && !lives.Allow(attempt, answer));
        report.Add(new(
            "churn: connections refused, wrongly routed",
            $"{refused} refused, {wrong} wrong of {attempts.Count:N0} ({attempts.Count / took:N0}/s) under {changes / took:N0} changes/s for {took:F0} s", "0 and 0 at 2,000/s under 200/s",
            refused == 0 && wrong == 0 && attempts.Count >= 0.95 * ConnectionsPerSecond * took && changes >= 0.95 * ChangesPerSecond * took));
        report.Add(new("churn: CPU of the proxy, with what feeds it", $"{used * 100:F0} % of a core", "≤ 30 %", used <= 0.3));
    }

    private static async Task SetAsync(ProxyProcess proxy, EndpointLives lives, int service, int? old, int now, CancellationToken cancellationToken)
    {
        // What stays is told apart from what changes: an endpoint with a low number never goes.
        lives.Comes(ProxyHost.Endpoint(now));
        await proxy.AskAsync($"set s{service} {PodServers.GreetingPort} {ProxyHost.Endpoint(service * 2)} {ProxyHost.Endpoint(now)}", cancellationToken);
        if (old is { } gone)
        {
            lives.Went(ProxyHost.Endpoint(gone));
        }
    }

    private static List<Thread> Load(ProxyWorld world, TimeSpan time, long started, out ConcurrentBag<Attempt> attempts)
    {
        var made = new ConcurrentBag<Attempt>();
        attempts = made;
        IPEndPoint[] targets = [.. Enumerable.Range(0, Services).Select(static service => new IPEndPoint(IPAddress.Parse(ProxyHost.ClusterIP(service)), 80))];
        return [.. Enumerable.Range(0, Threads).Select(number => world.Client.RunThread(() =>
        {
            for (var i = 0; ; i++)
            {
                var due = TimeSpan.FromSeconds(((i * Threads) + number) / (double)ConnectionsPerSecond);
                if (due >= time)
                {
                    return;
                }

                if (due - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } early)
                {
                    Thread.Sleep(early);
                }

                var service = ((i * Threads) + number) % Services;
                var begun = Stopwatch.GetTimestamp();
                var answer = Connections.Greet(targets[service]);
                made.Add(new(service, begun, Stopwatch.GetTimestamp(), answer));
            }
        }, $"load {number}"))];
    }

    private sealed record Attempt(int Service, long Begun, long Done, IPAddress? Answer);

    /// <summary>When each endpoint may be reached: from the moment it is asked for until the proxy has said that it is gone.</summary>
    private sealed class EndpointLives
    {
        private readonly Dictionary<string, (long From, long Until)> _lives = [];

        public void Comes(string endpoint) => _lives[endpoint] = (Stopwatch.GetTimestamp(), long.MaxValue);

        public void Went(string endpoint) => _lives[endpoint] = (_lives[endpoint].From, Stopwatch.GetTimestamp());

        public bool Allow(Attempt attempt, IPAddress answer)
        {
            var text = answer.ToString();
            return text == ProxyHost.Endpoint(attempt.Service * 2)
                || (_lives.TryGetValue(text, out var life) && life.From <= attempt.Done && attempt.Begun <= life.Until && IsOf(attempt.Service, answer));
        }

        private static bool IsOf(int service, IPAddress answer)
        {
            var bytes = answer.GetAddressBytes();
            var number = ((bytes[1] - 128) << 16) | (bytes[2] << 8) | bytes[3];
            return (number - 1_000_000) % Services == service;
        }
    }
}
