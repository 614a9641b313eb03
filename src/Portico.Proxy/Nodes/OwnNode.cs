using System.Net;
using Portico.Api.Objects;
using Portico.Client.Caches;

namespace Portico.Proxy.Nodes;

/// <summary>This node's own object: waits for what a start needs, and for changes that ask for another start.</summary>
public sealed class OwnNode
{
    private readonly ObjectCache<Node> _nodes;
    private readonly string _name;
    private readonly IPAddress _bind;
    private readonly TimeProvider _time;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="bind">As <see cref="NodeIdentity.Of"/> takes it.</param>
    public OwnNode(ObjectCache<Node> nodes, string name, IPAddress bind, TimeProvider time)
    {
        (_nodes, _name, _bind, _time) = (nodes, name, bind, time);
        nodes.Changed += _ => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private Node? Node => _nodes.Get(new("", _name));

    private NodeIdentity Identity => NodeIdentity.Of(Node, _bind);

    /// <summary>The node as soon as it has an address; after <paramref name="patience"/> as it is. An API server that is away is waited for.</summary>
    public async Task<NodeIdentity> WithAddressAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await _nodes.Synced.WaitAsync(cancellationToken);
        await UntilAsync(() => Identity is { } now && now[now.PrimaryFamily] is not null, patience, cancellationToken);
        return Identity;
    }

    /// <summary>Null when it has none after <paramref name="patience"/>.</summary>
    public async Task<IReadOnlyList<string>?> PodNetworksAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await _nodes.Synced.WaitAsync(cancellationToken);
        await UntilAsync(() => Node is { Spec.PodCIDRs.Count: > 0, Metadata.DeletionTimestamp: null }, patience, cancellationToken);
        return Node is { Spec.PodCIDRs: { Count: > 0 } networks } ? networks : null;
    }

    /// <summary>Completes with the reason when the node no longer is what a proxy was started for.</summary>
    /// <param name="podNetworks">Null: they do not matter.</param>
    public async Task<string> ChangedAsync(NodeIdentity started, IReadOnlyList<string>? podNetworks, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            // A node that is gone from the API is still the node that runs here.
            if (Node is { } node)
            {
                if (Identity != started)
                {
                    return $"the addresses of node {_name} changed from {started} to {Identity}";
                }

                if (podNetworks is not null && !node.Spec.PodCIDRs.SequenceEqual(podNetworks))
                {
                    return $"spec.podCIDRs of node {_name} changed from {string.Join(',', podNetworks)} to {string.Join(',', node.Spec.PodCIDRs)}";
                }
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private async Task UntilAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                var changed = Volatile.Read(ref _changed).Task;
                if (condition())
                {
                    return;
                }

                await changed.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Patience is over; the caller looks at what is there.
        }
    }
}
