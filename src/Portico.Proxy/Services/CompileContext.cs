using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Portico.Proxy.Services;

/// <summary>What a node needs to know of itself to compile Services.</summary>
public sealed record CompileContext
{
    public required string NodeName { get; init; }

    public required AddressFamily Family { get; init; }

    /// <summary>Label topology.kubernetes.io/zone of the node.</summary>
    public string? Zone { get; init; }

    public required ImmutableArray<IPAddress> NodeAddresses { get; init; }

    /// <summary>Where NodePorts are served; the node's own addresses when not set.</summary>
    public ImmutableArray<IPAddress> NodePortAddresses { get => field.IsDefault ? NodeAddresses : field; init; }

    /// <summary>Not every mode can do all that a Service may ask for.</summary>
    public ProxyMode Mode { get; init; }
}
