using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Cli.Clusters;
using Portico.Cli.Pki;
using Portico.Cli.Relays;
using Portico.Cli.Topology;
using Portico.Client.Caches;
using Portico.Client.Connections;
using Portico.Client.Requests;

namespace Portico.Cli.Supervision;

/// <summary>
/// Holds a local cluster up: its network, its processes (control plane and one per node) and the relays on 127.0.0.1. When it is cancelled,
/// everything that it made is gone before <see cref="RunAsync"/> returns.
/// </summary>
public sealed class Supervisor(ClusterHome home, ClusterSpec spec, ILoggerFactory loggers, TimeProvider time)
{
    private readonly ILogger _logger = loggers.CreateLogger<Supervisor>();

    /// <param name="started">Called once the API server answers.</param>
    /// <exception cref="IOException">A port is taken, or the network could not be made; or the API server did not start; the message says which and what to do.</exception>
    public async Task RunAsync(Action<string> step, Func<KubernetesClient, CancellationToken, Task> started, CancellationToken cancellationToken)
    {
        using var owner = ClusterLock.TryTake(home) ?? throw new IOException(NameInUse());
        var http = Listen(spec.HttpPort, "--http-port");
        var https = Listen(spec.HttpsPort, "--https-port");
        try
        {
            await Leftovers.RemoveAsync(home, cancellationToken);
            Directory.CreateDirectory(home.Run);
            var pki = Credentials();
            step("keys and kubeconfig");
            await new LocalNetwork(home, spec.Nodes).CreateAsync(cancellationToken);
            step($"network: LAN, client host, {spec.Nodes} nodes");
            // Says to `up --detach` that the kubeconfig beside it is this run's.
            PidFile.Write(home.SupervisorPid, Environment.ProcessId);
            await SuperviseAsync(pki, http, https, started, cancellationToken);
        }
        finally
        {
            http.Dispose();
            https.Dispose();
            await Leftovers.RemoveAsync(home, CancellationToken.None);
        }
    }

    private static Socket Listen(int port, string option)
    {
        try
        {
            return TcpRelay.Listen(port);
        }
        catch (SocketException taken)
        {
            throw new IOException($"port {port} on 127.0.0.1 can't be used ({taken.Message}): choose another with {option} N, or {option} 0 for a free one", taken);
        }
    }

    private async Task SuperviseAsync(
        ClusterPki pki, Socket http, Socket https, Func<KubernetesClient, CancellationToken, Task> started, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var connection = new KubernetesConnection(Kubeconfig.Load(home.Kubeconfig));
        var client = new KubernetesClient(connection);
        var gateway = new Reflector<Service>(
            client, KnownKinds.Services, new() { Namespace = "portico-system", FieldSelector = "metadata.name=gateway" }, _logger, time);
        var nodes = Enumerable.Range(1, spec.Nodes).Select(node => Role(ClusterAddresses.NodeName(node), home.NodeNamespace(node).Path, "node", "local", $"{node}")).ToList();
        using var stopControlPlane = new CancellationTokenSource();
        var controlPlane = Role("controlplane", null, "controlplane").RunAsync(stopControlPlane.Token);
        var roles = nodes.Select(node => node.RunAsync(stop.Token)).ToList();
        List<Task> others =
        [
            new TcpRelay(http, new(home.LanNamespace), () => Target(gateway.Cache, 80), _logger).RunAsync(stop.Token),
            new TcpRelay(https, new(home.LanNamespace), () => Target(gateway.Cache, 443), _logger).RunAsync(stop.Token),
        ];
        try
        {
            await ApiServerWait.RunAsync(home, client, time, stop.Token);
            others.Add(gateway.RunAsync(stop.Token));
            await started(client, stop.Token);
            await Task.Delay(Timeout.Infinite, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(others);
            // Nodes first: on their way out they still talk to the API server.
            await Task.WhenAll(roles);
            await stopControlPlane.CancelAsync();
            await controlPlane;
            pki.ServiceAccountKey.Dispose();
        }
    }

    private SupervisedProcess Role(string name, string? @namespace, params string[] verb)
    {
        List<string> command = [Environment.ProcessPath!, .. verb, "--name", home.Name];
        if (@namespace is not null)
        {
            command.InsertRange(0, ["nsenter", $"--net={@namespace}", "--"]);
        }

        return new(name, command, home.Run, _logger, time);
    }

    private ClusterPki Credentials()
    {
        var now = time.GetUtcNow();
        var pki = ClusterPki.LoadOrCreate(home, now);
        var authority = pki.Authority.Certificate;
        var local = new Uri($"https://127.0.0.1:{spec.ApiPort}");
        var lan = new Uri($"https://{ClusterAddresses.Lan}:{ClusterAddresses.ApiPort}");
        KubeconfigFile.Write(
            home.Kubeconfig, $"portico-{home.Name}", local, authority, pki.Issue("admin", "portico-admin", "system:masters", [], now), pki.AdminToken());
        for (var node = 1; node <= spec.Nodes; node++)
        {
            var name = ClusterAddresses.NodeName(node);
            var certificate = pki.Issue(name, $"system:node:{name}", "system:nodes", [name, ClusterAddresses.Node(node).ToString()], now);
            KubeconfigFile.Write(home.NodeKubeconfig(node), name, lan, authority, certificate, null);
        }

        return pki;
    }

    private string NameInUse()
    {
        var holder = ClusterLock.Holder(home);
        return $"a cluster named {home.Name} is already running (pid {holder?.Pid}, {holder?.Root}): stop it with portico down --name {home.Name}, or give this one another --name";
    }

    private static IPEndPoint? Target(ObjectCache<Service> gateway, int port) =>
        gateway.Items.FirstOrDefault()?.Status.LoadBalancer.Ingress is [{ Ip: { } text }, ..] && IPAddress.TryParse(text, out var address) ? new(address, port) : null;
}
