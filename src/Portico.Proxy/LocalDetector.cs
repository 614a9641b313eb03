using System.Net;

namespace Portico.Proxy;

/// <summary>
/// How traffic of pods is told from all other: by the network that it comes from, or by the interface that it comes in on (upstream's detectLocalMode).
/// </summary>
public sealed record LocalDetector
{
    /// <summary>Cannot be told: ClusterIPs are never masqueraded, and pods count as external.</summary>
    public static readonly LocalDetector None = new();

    private LocalDetector()
    {
    }

    /// <summary>Sources that are pods.</summary>
    public IPNetwork? Network { get; private init; }

    /// <summary>The interface that pods' traffic comes in on, or with <see cref="IsPrefix"/> the beginning of its name.</summary>
    public string? Interface { get; private init; }

    public bool IsPrefix { get; private init; }

    /// <summary>Modes ClusterCIDR and NodeCIDR.</summary>
    /// <exception cref="FormatException">It is no network.</exception>
    public static LocalDetector ByNetwork(string cidr) => new() { Network = IPNetwork.Parse(cidr) };

    /// <summary>Mode BridgeInterface.</summary>
    public static LocalDetector ByBridge(string name) => new() { Interface = name };

    /// <summary>Mode InterfaceNamePrefix.</summary>
    public static LocalDetector ByInterfacePrefix(string prefix) => new() { Interface = prefix, IsPrefix = true };
}
