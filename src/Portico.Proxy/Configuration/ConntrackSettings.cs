namespace Portico.Proxy.Configuration;

/// <summary>Limits and timeouts of connection tracking. Zero: left as it is.</summary>
public sealed record ConntrackSettings
{
    public int MaxPerCore { get; init; }

    /// <summary>Only with <see cref="MaxPerCore"/>.</summary>
    public int Min { get; init; }

    public TimeSpan TcpEstablishedTimeout { get; init; }

    public TimeSpan TcpCloseWaitTimeout { get; init; }

    public bool TcpBeLiberal { get; init; }

    public TimeSpan UdpTimeout { get; init; }

    public TimeSpan UdpStreamTimeout { get; init; }
}
