using System.Net;

namespace Portico.Gateway.Routing;

/// <summary>One address of a backend, with what the balancer knows of it. Keeps its identity while the address stays.</summary>
internal sealed class BackendEndpoint(IPEndPoint address)
{
    private int _inFlight;
    private long _avoidUntil = long.MinValue;

    public IPEndPoint Address { get; } = address;

    /// <summary>"10.244.1.7:8080", as it stands in a URL.</summary>
    public string Authority { get; } = address.ToString();

    public int InFlight => Volatile.Read(ref _inFlight);

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>A connection was refused: others are preferred until <paramref name="timestamp"/> (of the balancer's clock).</summary>
    public void AvoidUntil(long timestamp) => Volatile.Write(ref _avoidUntil, timestamp);

    public bool IsAvoided(long now) => now < Volatile.Read(ref _avoidUntil);
}
