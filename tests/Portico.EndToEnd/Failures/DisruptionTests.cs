using System.Collections.Concurrent;
using System.Net;
using Portico.EndToEnd.Clusters;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Failures;

/// <summary>Processes that die. Each test leaves the cluster healed, which is part of what it tests.</summary>
public sealed class DisruptionTests(ShopCluster shop) : Exposure.ClusterTest(shop)
{
    private static readonly TimeSpan Healing = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task NodeProcess_Killed_ComesBackAndTrafficGoesOn()
    {
        var killed = Role("node", "node2");
        await using var traffic = new Traffic(Cluster, await LoadBalancerAsync("shop", "web-public"), "/");

        ProcessSignals.Kill(killed);

        await Eventually.TrueAsync("another process of node2", Healing, _ => Task.FromResult(FindRole("node", "node2") is { } pid && pid != killed), Stop);
        await Cluster.KubectlAsync("wait --for=condition=Ready node/node2 --timeout=60s", Stop);
        await AllReadyAsync();
        await traffic.SucceedsAsync(Stop);
    }

    [Fact]
    public async Task ControlPlane_Killed_TrafficGoesOnAndNothingIsLost()
    {
        await Cluster.KubectlAsync("-n e2e create configmap kept --from-literal=a=b", Stop);
        await using var traffic = new Traffic(Cluster, Gateway, "/", "shop.example");

        ProcessSignals.Kill(Role("controlplane"));

        await Eventually.TrueAsync(
            "the API", Healing, async token => (await Cluster.KubectlAsync(["get", "--raw", "/readyz"], null, token)).ExitCode == 0, Stop);
        Assert.Equal("b", await Cluster.KubectlAsync("-n e2e get configmap kept -o jsonpath={.data.a}", Stop));
        await Cluster.KubectlAsync("-n e2e delete configmap kept", Stop);
        await traffic.SucceedsAsync(Stop);
        // Watches resumed: a change of now still takes effect.
        await Cluster.KubectlAsync("-n e2e create ingress again --rule=again.example/*=alone:80", Stop);
        await Eventually.GetAsync("again.example", Healing, async _ => (await GatewayAsync("http://again.example/")).Status, static status => status == 200, Stop);
        await Cluster.KubectlAsync("-n e2e delete ingress again", Stop);
        Assert.Empty(traffic.Failures);
    }

    [Fact]
    public async Task GatewayProcess_Killed_TheOtherGoesOnAndItComesBack()
    {
        var gateways = ClusterProcesses.Find(Cluster).Where(static entry => entry.Role == "gateway").ToList();
        Assert.Equal(2, gateways.Count);

        ProcessSignals.Kill(gateways[0].Pid);

        await Eventually.TrueAsync(
            "two gateways", Healing,
            _ => Task.FromResult(ClusterProcesses.Find(Cluster).Count(static entry => entry.Role == "gateway") == 2), Stop);
        await AllReadyAsync();
        await using var traffic = new Traffic(Cluster, Gateway, "/", "shop.example");
        await traffic.SucceedsAsync(Stop);
        Assert.Empty(traffic.Failures);
    }

    [Fact]
    public async Task Node_Stopped_AnotherTakesItsAddresses()
    {
        var address = await LoadBalancerAsync("shop", "web-public");
        var before = await OwnerAsync(address);
        var stopped = Role("node", before);
        await SignalAsync("-STOP", stopped);
        try
        {
            await Eventually.GetAsync($"another owner of {address} than {before}", Healing, _ => OwnerAsync(address), owner => owner is "node1" or "node2" && owner != before, Stop);
            await Eventually.GetAsync($"an answer from {address}", Healing, async _ => (await CurlAsync($"http://{address}/")).Status, static status => status == 200, Stop);
        }
        finally
        {
            await SignalAsync("-CONT", stopped);
        }

        await Cluster.KubectlAsync($"wait --for=condition=Ready node/{before} --timeout=60s", Stop);
        await AllReadyAsync();
    }

    private static async Task SignalAsync(string signal, int pid) =>
        (await Command.RunAsync("kill", [signal, $"{pid}"], null, CancellationToken.None)).OrThrow($"kill {signal} {pid}");

    private async Task AllReadyAsync()
    {
        foreach (var (space, name) in ((string, string)[])[("portico-system", ""), ("shop", "web"), ("shop", "api"), ("e2e", "sock")])
        {
            var target = name.Length == 0 ? "deployment --all" : $"deployment/{name}";
            await Cluster.KubectlAsync($"-n {space} wait --for=condition=Available {target} --timeout=60s", Stop);
            await Eventually.GetAsync(
                $"every pod of {space} ready", Healing,
                async token => (await Cluster.KubectlAsync(
                    ["-n", space, "get", "deployment", "-o", "jsonpath={range .items[*]}{.spec.replicas}={.status.readyReplicas};{end}"], null, token)).OrThrow("kubectl get").Output,
                static text => text.Split(';', StringSplitOptions.RemoveEmptyEntries).All(static pair => pair.Split('=') is [var want, var have] && (want == have || want == "0")), Stop);
        }
    }

    /// <summary>The node that the client host's neighbour table names, after it has asked.</summary>
    private async Task<string> OwnerAsync(IPAddress address)
    {
        await CurlAsync($"http://{address}/");
        var neighbour = (await Cluster.ClientAsync(["ip", "neighbour", "show", address.ToString()], Stop)).Output;
        foreach (var node in (int[])[1, 2])
        {
            var link = await LinkAsync(node);
            if (neighbour.Contains(link, StringComparison.Ordinal))
            {
                return $"node{node}";
            }
        }

        return "";
    }

    private async Task<string> LinkAsync(int node) =>
        System.Text.RegularExpressions.Regex.Match(
            (await Command.RunAsync("ip", ["-n", Cluster.NodeNamespace(node).Name, "link", "show", "eth0"], null, Stop)).Output, "link/ether ([0-9a-f:]+)").Groups[1].Value;

    private int Role(string role, string? node = null) =>
        FindRole(role, node) ?? throw new InvalidOperationException($"no process {role} {node}: {string.Join('\n', ClusterProcesses.Find(Cluster))}");

    private int? FindRole(string role, string? node = null) =>
        ClusterProcesses.Find(Cluster)
            .Where(entry => entry.Role == role && (node is null || entry.NetworkNamespace == Cluster.NamespacePrefix + node))
            .Select(static entry => (int?)entry.Pid).FirstOrDefault();

    /// <summary>Requests one after the other, each on its own connection, until disposed.</summary>
    private sealed class Traffic : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _failures = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;
        private int _answers;

        public Traffic(LocalCluster cluster, IPAddress address, string path, string host = "any")
        {
            var handler = LanClient.CreateHandler(cluster.ClientNamespace, address);
            handler.PooledConnectionLifetime = TimeSpan.Zero;
            _loop = RunAsync(new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) }, new Uri($"http://{host}{path}"));
        }

        public IReadOnlyCollection<string> Failures => _failures;

        /// <summary>Waits for twenty good answers more.</summary>
        public async Task SucceedsAsync(CancellationToken cancellationToken)
        {
            var from = _answers;
            await Eventually.GetAsync(
                $"answers (failures so far: {string.Join("; ", _failures)})", TimeSpan.FromSeconds(10), _ => Task.FromResult(_answers), answers => answers > from + 20, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _loop;
            _stop.Dispose();
        }

        private async Task RunAsync(HttpClient http, Uri url)
        {
            using var owned = http;
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    using var response = await http.GetAsync(url);
                    if (response.StatusCode == HttpStatusCode.OK)
                    {
                        _answers++;
                    }
                    else
                    {
                        _failures.Enqueue(response.StatusCode.ToString());
                    }
                }
                catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
                {
                    _failures.Enqueue(error.Message);
                }

                await Task.Delay(10);
            }
        }
    }
}
