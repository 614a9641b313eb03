using System.Net;
using Portico.Proxy.Services;

namespace Portico.Proxy.Simulation;

/// <summary>What the kernel would do with a packet: for tests, and for whoever asks why. Pure.</summary>
public sealed class PacketSimulator(ServiceMap map, ServiceProxyOptions options)
{
    private readonly TrafficClassifier _classifier = new(options.Pods, options.NodeAddresses);
    private readonly List<IPNetwork> _services = [.. options.ServiceCidrs.Select(static network => IPNetwork.Parse(network))];

    public PacketOutcome Trace(Packet packet)
    {
        if (map.Find(new(packet.Destination, packet.Protocol, packet.Port)) is not { } frontend)
        {
            return new(Unowned(packet.Destination), [], false, null);
        }

        if (frontend.AllowedSources is { } allowed && !SourceRanges.Contains(allowed, packet.Source))
        {
            return new(Verdict.Drop, [], false, frontend);
        }

        if (frontend.Cluster.Count == 0)
        {
            return new(Verdict.Reject, [], false, frontend);
        }

        var source = _classifier.Classify(packet.Source);
        var endpoints = FrontendPolicy.EndpointsFor(frontend, source);
        return endpoints.Count == 0
            ? new(Verdict.Drop, [], false, frontend)
            : new(Verdict.Forward, endpoints, IsMasqueraded(frontend, source), frontend);
    }

    private bool IsMasqueraded(Frontend frontend, TrafficSource source) =>
        (options.MasqueradeAll && frontend.Kind == FrontendKind.ClusterIP) || FrontendPolicy.IsMasqueraded(frontend, source, _classifier.CanTellPods);

    private Verdict Unowned(IPAddress destination)
    {
        if (options.Mode == ProxyMode.Iptables)
        {
            return Verdict.Pass; // only nftables looks at addresses without their ports
        }

        foreach (var frontend in map.Frontends)
        {
            if (frontend.OwnsAddress && frontend.Key.Address.Equals(destination))
            {
                return Verdict.Reject;
            }
        }

        return _services.Exists(network => network.Contains(destination)) ? Verdict.Drop : Verdict.Pass;
    }
}
