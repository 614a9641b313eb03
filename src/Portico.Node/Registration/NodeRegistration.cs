using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Loops;
using Portico.Client.Requests;
using Portico.Node.Agents;
using NodeObject = Portico.Api.Objects.Node;

namespace Portico.Node.Registration;

/// <summary>Keeps the Node object and its lease.</summary>
internal sealed partial class NodeRegistration(KubernetesClient client, ObjectCache<NodeObject> nodes, NodeAgentOptions options, ILogger logger)
{
    private const string LeaseNamespace = "kube-node-lease";

    private readonly Machine _machine = Machine.Read(typeof(NodeRegistration).Assembly.GetName().Version?.ToString(3) ?? "0");
    private readonly ObjectKey _lease = new(LeaseNamespace, options.NodeName);
    private volatile bool _leaving;

    /// <summary>Makes the Node when there is none, and waits until the cluster has given it a network for pods.</summary>
    public async Task<IPNetwork> RegisterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await WriteAsync(stopping: false, cancellationToken);
                await RenewAsync(cancellationToken);
                break;
            }
            catch (Exception failure) when (failure is HttpRequestException or KubernetesException)
            {
                LogNotYet(options.NodeName, failure.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(200), options.Time, cancellationToken);
            }
        }

        var network = await PodNetworkAsync(cancellationToken);
        LogRegistered(options.NodeName, network);
        return network;
    }

    /// <summary>Renews lease and status until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        BackgroundLoop.RunAsync("node lease", token => EveryAsync(options.LeaseRenewal, RenewAndRepairAsync, token), logger, options.Time, cancellationToken),
        BackgroundLoop.RunAsync("node status", token => EveryAsync(options.StatusInterval, KeepAsync, token), logger, options.Time, cancellationToken));

    /// <summary>Says that nothing more can be started here.</summary>
    public Task LeaveAsync(CancellationToken cancellationToken)
    {
        _leaving = true;
        return WriteAsync(stopping: true, cancellationToken);
    }

    private Task KeepAsync(CancellationToken cancellationToken) => WriteAsync(_leaving, cancellationToken);

    // The node controller says "unknown" after a lease that ran out, and somebody may delete the object: neither waits for the next status.
    private async Task RenewAndRepairAsync(CancellationToken cancellationToken)
    {
        await RenewAsync(cancellationToken);
        var ready = nodes.Get(new("", options.NodeName))?.Status.Conditions.FirstOrDefault(condition => condition.Type == "Ready");
        if (ready?.Status != "True" && !_leaving)
        {
            await KeepAsync(cancellationToken);
        }
    }

    private async Task EveryAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(interval, options.Time, cancellationToken);
            await work(cancellationToken);
        }
    }

    private async Task WriteAsync(bool stopping, CancellationToken cancellationToken)
    {
        var key = new ObjectKey("", options.NodeName);
        var found = await client.GetAsync(KnownKinds.Nodes, key, cancellationToken);
        if (found.IsNotFound)
        {
            found = await client.CreateAsync(KnownKinds.Nodes, NodeStatusCompiler.Registration(options), cancellationToken);
        }

        var status = NodeStatusCompiler.Status(options, _machine, found.OrThrow().Status.Conditions, stopping, options.Time.GetUtcNow());
        var patch = new JsonObject { ["status"] = JsonSerializer.SerializeToNode(status, ApiJson.TypeInfo<NodeStatus>()) };
        (await client.PatchAsync(KnownKinds.Nodes, key, PatchType.StrategicMerge, patch, "status", cancellationToken)).OrThrow();
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var now = options.Time.GetUtcNow();
        var spec = new LeaseSpec { HolderIdentity = options.NodeName, LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds, RenewTime = now };
        var patch = new JsonObject { ["spec"] = JsonSerializer.SerializeToNode(spec, ApiJson.TypeInfo<LeaseSpec>()) };
        var renewed = await client.PatchAsync(KnownKinds.Leases, _lease, PatchType.Merge, patch, null, cancellationToken);
        if (renewed.IsNotFound)
        {
            var lease = new Lease { Metadata = new() { Name = _lease.Name, Namespace = _lease.Namespace }, Spec = spec with { AcquireTime = now } };
            renewed = await client.CreateAsync(KnownKinds.Leases, lease, cancellationToken);
        }

        renewed.OrThrow();
    }

    private async Task<IPNetwork> PodNetworkAsync(CancellationToken cancellationToken)
    {
        var assigned = new TaskCompletionSource<IPNetwork>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(ObjectChange<NodeObject> change)
        {
            if (change.Key.Name == options.NodeName && IPNetwork.TryParse(change.New?.Spec.PodCIDR, out var network))
            {
                assigned.TrySetResult(network);
            }
        }

        nodes.Changed += Look;
        try
        {
            if (nodes.Get(new("", options.NodeName)) is { } known)
            {
                Look(new(new("", options.NodeName), null, known));
            }

            return await assigned.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            nodes.Changed -= Look;
        }
    }

    [LoggerMessage(4001, LogLevel.Information, "node {Name} is registered, its pods are in {Network}")]
    private partial void LogRegistered(string name, IPNetwork network);

    [LoggerMessage(4002, LogLevel.Debug, "node {Name} is not registered yet: {Message}")]
    private partial void LogNotYet(string name, string message);
}
