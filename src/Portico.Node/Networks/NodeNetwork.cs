using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portico.Client.Caches;
using Portico.Client.Loops;
using Portico.Node.Agents;
using NodeObject = Portico.Api.Objects.Node;

namespace Portico.Node.Networks;

/// <summary>Keeps the node's routes to other nodes' pods, and the masquerading of its own, equal to the Node objects.</summary>
internal sealed partial class NodeNetwork(NodeSpace space, ObjectCache<NodeObject> nodes, NodeAgentOptions options, ILogger logger)
{
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private NodeNetworkPlan? _applied;

    /// <summary>Once, before the first pod: forwarding, and the cluster DNS address on the loopback interface.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) => space.RunAsync(
        "sh",
        ["-c", $"echo 1 > /proc/sys/net/ipv4/ip_forward && ip link set lo up && ip addr replace {options.ClusterDns}/32 dev lo scope host"],
        null,
        $"node {options.NodeName}: prepare the network",
        cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        nodes.Changed += OnChanged;
        try
        {
            await BackgroundLoop.RunAsync("node network", ApplyAsync, logger, options.Time, cancellationToken);
        }
        finally
        {
            nodes.Changed -= OnChanged;
        }
    }

    private void OnChanged(ObjectChange<NodeObject> change) => _changed.Writer.TryWrite(true);

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var plan = NodeNetworkPlan.Compile(options.NodeName, nodes.Items);
            if (plan is not null && plan != _applied)
            {
                await space.RunAsync("nft", ["-f", "-"], plan.Nftables(), "table ip portico-node", cancellationToken);
                await space.RunAsync("ip", ["-batch", "-"], plan.RouteCommands(_applied), "routes to other nodes' pods", cancellationToken);
                _applied = plan;
                LogApplied(plan.Routes.Count);
            }

            await _changed.Reader.ReadAsync(cancellationToken);
        }
    }

    [LoggerMessage(4010, LogLevel.Debug, "pod routes to {Count} other nodes are set")]
    private partial void LogApplied(int count);
}
