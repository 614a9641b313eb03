using System.Net;
using System.Net.Sockets;
using Portico.Net.Namespaces;

namespace Portico.Proxy;

public sealed record ServiceProxyOptions
{
    public required string NodeName { get; init; }

    public required ProxyMode Mode { get; init; }

    /// <summary>The node's own addresses, the primary one first.</summary>
    public required IReadOnlyList<IPAddress> NodeAddresses { get; init; }

    /// <summary>Where NodePorts are served from the start: all of <see cref="NodeAddresses"/> when not set.</summary>
    public IReadOnlyList<IPAddress> NodePortAddresses { get => field ?? NodeAddresses; init; }

    /// <summary>Serve NodePorts on the node's loopback too, for its own processes.</summary>
    public bool LocalhostNodePorts { get; init; } = true;

    public LocalDetector Pods { get => field ?? LocalDetector.None; init; }

    /// <summary>Masquerade traffic of pods to ClusterIPs too.</summary>
    public bool MasqueradeAll { get; init; }

    /// <summary>Networks of ClusterIPs; packets to an address in one that no Service owns are dropped. Empty: not known, let them pass.</summary>
    public IReadOnlyList<string> ServiceCidrs { get => field ?? []; init; }

    /// <summary>Of one proxy; dual stack is two of them.</summary>
    public AddressFamily Family { get; init; } = AddressFamily.InterNetwork;

    /// <summary>Bit of the packet mark that means "to be masqueraded"; upstream's masqueradeBit 14.</summary>
    public uint MasqueradeMark { get; init; } = 1 << 14;

    /// <summary>Where userspace mode keeps which ports it listens on, so that a restart is not noticed. Null: they are not kept.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>TCP packets outside the window are not invalid (nf_conntrack_tcp_be_liberal), so iptables mode does not drop what is invalid.</summary>
    public bool ConntrackIsLiberal { get; init; }

    /// <summary>Null: the process's own network namespace, as in production.</summary>
    public NetworkNamespace? Namespace { get; init; }
}
