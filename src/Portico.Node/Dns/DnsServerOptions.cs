using System.Net;

namespace Portico.Node.Dns;

public sealed record DnsServerOptions
{
    /// <summary>UDP and TCP on each. By default the cluster DNS address and the loopback of the node.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [new(IPAddress.Parse("10.96.0.10"), 53), new(IPAddress.Loopback, 53)];

    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>Asked for names that are not the cluster's, one after the other. None: such questions are refused.</summary>
    public IReadOnlyList<IPEndPoint> Upstreams { get; init; } = [];

    /// <summary>Name of the network namespace that is the node. Null: the one that this process is in.</summary>
    public string? NodeNamespace { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
