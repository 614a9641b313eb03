using System.Net;

namespace Portico.Proxy.Services;

/// <summary>Source address → <see cref="TrafficSource"/>, as the static rules do it.</summary>
public sealed class TrafficClassifier
{
    private readonly IPNetwork? _pods;
    private readonly IReadOnlyList<IPAddress> _node;

    /// <param name="pods">Where it tells pods by their interface, they count as external here: a source address alone does not say.</param>
    public TrafficClassifier(LocalDetector pods, IReadOnlyList<IPAddress> nodeAddresses)
    {
        _pods = pods.Network;
        _node = nodeAddresses;
    }

    /// <summary>Without it, ClusterIPs are never masqueraded and pods count as external.</summary>
    public bool CanTellPods => _pods is not null;

    public TrafficSource Classify(IPAddress source)
    {
        if (_pods is { } pods && pods.Contains(source))
        {
            return TrafficSource.Pod;
        }

        if (IPAddress.IsLoopback(source))
        {
            return TrafficSource.Node;
        }

        foreach (var address in _node)
        {
            if (address.Equals(source))
            {
                return TrafficSource.Node;
            }
        }

        return TrafficSource.External;
    }
}
