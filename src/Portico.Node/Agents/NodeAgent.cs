using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Events;
using Portico.Client.Loops;
using Portico.Client.Requests;
using Portico.Net.Processes;
using Portico.Node.Containers;
using Portico.Node.Logs;
using Portico.Node.Networks;
using Portico.Node.Pods;
using Portico.Node.Probes;
using Portico.Node.Records;
using Portico.Node.Registration;
using Portico.Node.Serving;
using Portico.Node.Volumes;
using NodeObject = Portico.Api.Objects.Node;

namespace Portico.Node.Agents;

/// <summary>Runs the pods of one node, inside the network namespace that is the node.</summary>
/// <param name="nodes">All Node objects; filled by a reflector that the caller runs.</param>
public sealed partial class NodeAgent(KubernetesClient client, ObjectCache<NodeObject> nodes, NodeAgentOptions options, ILoggerFactory loggers)
{
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggers.CreateLogger<NodeAgent>();

    /// <summary>Runs until cancelled; then stops its pods when the options say so, and reports the node as not ready.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // What stops last: pods are reported while they are being stopped.
        using var life = new CancellationTokenSource();
        var store = new RecordStore(options.StateDirectory);
        store.Prepare();
        var space = new NodeSpace(options.NodeNamespace);
        var network = new NodeNetwork(space, nodes, options, _logger);
        var registration = new NodeRegistration(client, nodes, options, _logger);
        var pods = new Reflector<Pod>(client, KnownKinds.Pods, new() { FieldSelector = $"spec.nodeName={options.NodeName}" }, _logger, options.Time);
        var events = new EventRecorder(client, "kubelet", options.NodeName, _logger, options.Time);
        var reports = new PodReports(client, events, _logger, options.Time);

        await network.PrepareAsync(cancellationToken);
        var background = new List<Task> { pods.RunAsync(life.Token), events.RunAsync(life.Token), reports.RunAsync(life.Token) };
        try
        {
            var podNetwork = await registration.RegisterAsync(cancellationToken);
            background.AddRange([network.RunAsync(life.Token), registration.RunAsync(life.Token)]);
            await pods.Cache.Synced.WaitAsync(cancellationToken);

            using var exits = new ProcessExits();
            using var prober = new SocketProber(space, options.Time);
            var supervisor = new PodSupervisor(
                new()
                {
                    Options = options,
                    Runtime = new LinuxPodRuntime(new PodNetwork(space, options.ClusterName, options.NodeAddress), store, exits, options.Time),
                    Prober = prober,
                    Objects = new KubernetesObjects(client),
                    Reports = reports,
                    Store = store,
                    Addresses = new AddressPool(podNetwork),
                    Logger = _logger,
                },
                pods.Cache,
                reports,
                _logger);
            await ServePodsAsync(supervisor, store, space, life, cancellationToken);
            await SayGoodbyeAsync(registration, reports);
            await life.CancelAsync();
            await supervisor.CompletionAsync();
        }
        finally
        {
            await life.CancelAsync();
            await Task.WhenAll(background);
        }
    }

    private async Task ServePodsAsync(
        PodSupervisor supervisor, RecordStore store, NodeSpace space, CancellationTokenSource life, CancellationToken cancellationToken)
    {
        await supervisor.StartAsync(life.Token);
        var server = new NodeServer(options, space, new ContainerLogs(supervisor, store, options.Time), loggers);
        var keeper = new LogKeeper(supervisor, store, options.Time);
        LogServing(options.NodeName);
        await Task.WhenAll(
            BackgroundLoop.RunAsync("node server", server.RunAsync, _logger, options.Time, cancellationToken),
            BackgroundLoop.RunAsync("log keeper", keeper.RunAsync, _logger, options.Time, cancellationToken));
        if (options.StopPods)
        {
            await supervisor.StopPodsAsync(options.StopGrace);
        }
    }

    // The API server may be going as well: what it does not hear in time, it learns from the lease.
    private async Task SayGoodbyeAsync(NodeRegistration registration, PodReports reports)
    {
        using var limit = new CancellationTokenSource(GoodbyeLimit, options.Time);
        try
        {
            await Task.WhenAll(registration.LeaveAsync(limit.Token), options.StopPods ? reports.FlushAsync(limit.Token) : Task.CompletedTask);
        }
        catch (Exception unheard) when (unheard is HttpRequestException or OperationCanceledException or KubernetesException)
        {
            LogUnheard(options.NodeName, unheard.Message);
        }
    }

    [LoggerMessage(4000, LogLevel.Information, "node {Name} runs pods")]
    private partial void LogServing(string name);

    [LoggerMessage(4003, LogLevel.Debug, "node {Name}: the API server did not hear that it stops: {Message}")]
    private partial void LogUnheard(string name, string message);
}
