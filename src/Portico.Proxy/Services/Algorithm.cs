namespace Portico.Proxy.Services;

/// <summary>How an endpoint is chosen for a new connection.</summary>
public enum Algorithm
{
    Random,

    /// <summary>One after the other, each frontend by itself.</summary>
    RoundRobin,

    /// <summary>By the client's address: every node sends a client to the same endpoint.</summary>
    SourceHash,

    /// <summary>By the client's address and port: every node sends a connection to the same endpoint, also in the middle of it.</summary>
    Maglev,
}
