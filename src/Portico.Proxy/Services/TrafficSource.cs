namespace Portico.Proxy.Services;

/// <summary>Where a connection comes from, as far as policies tell it apart.</summary>
public enum TrafficSource
{
    /// <summary>The pod network, of any node.</summary>
    Pod,

    /// <summary>An address of this node.</summary>
    Node,

    External,
}
