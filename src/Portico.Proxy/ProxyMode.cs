namespace Portico.Proxy;

/// <summary>The back end of the service proxy.</summary>
public enum ProxyMode
{
    /// <summary>The kernel translates addresses; nothing of a connection passes through this process.</summary>
    Nftables,

    /// <summary>The same with chains and rules of iptables, for hosts whose other tools look there. Its cost grows with the number of Services.</summary>
    Iptables,

    /// <summary>This process accepts and forwards: strict round robin and retry of the next endpoint, at the price of a way through this process (splice) and of the client's address.</summary>
    Userspace,
}
