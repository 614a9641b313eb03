using System.Net;
using System.Net.Sockets;
using Portico.Net.Namespaces;

namespace Portico.Proxy;

public sealed record ServiceProxyOptions
{
    public required string NodeName { get; init; }

    public required ProxyMode Mode { get; init; }

    /// <summary>The node's own addresses, the primary one first: where NodePorts are served.</summary>
    public required IReadOnlyList<IPAddress> NodeAddresses { get; init; }

    /// <summary>Network of all pods, by which traffic of pods is told from traffic from outside. Null: cannot be told, so ClusterIPs are never masqueraded.</summary>
    public string? ClusterCidr { get; init; }

    /// <summary>Network of ClusterIPs; packets to an address in it that no Service owns are dropped. Null: not known, let them pass.</summary>
    public string? ServiceCidr { get; init; }

    /// <summary>Of one proxy; dual stack is two of them.</summary>
    public AddressFamily Family { get; init; } = AddressFamily.InterNetwork;

    /// <summary>Bit of the packet mark that means "to be masqueraded"; upstream's masqueradeBit 14.</summary>
    public uint MasqueradeMark { get; init; } = 1 << 14;

    /// <summary>/healthz and /livez, on all addresses; 0: none.</summary>
    public int HealthPort { get; init; } = 10256;

    /// <summary>/metrics, /healthz and /proxyMode, on 127.0.0.1 only; 0: none.</summary>
    public int MetricsPort { get; init; } = 10249;

    /// <summary>Null: the process's own network namespace, as in production.</summary>
    public NetworkNamespace? Namespace { get; init; }
}
