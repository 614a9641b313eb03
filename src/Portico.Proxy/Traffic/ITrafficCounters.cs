using Portico.Proxy.Health;
using Portico.Proxy.Services;

namespace Portico.Proxy.Traffic;

/// <summary>What a mode has counted, per Service port and per endpoint. Nothing is read before somebody asks.</summary>
internal interface ITrafficCounters
{
    /// <summary>Takes away what belongs to no frontend of the map.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    void Prune(ServiceMap map)
    {
        // Where rules count, their counts go with them.
    }

    /// <summary>Takes away what belongs to frontends and endpoints that went with these changes.</summary>
    /// <param name="map">As it is after them.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    void Forget(IReadOnlyList<FrontendChange> changes, ServiceMap map)
    {
    }

    /// <summary>Reads the counters. May run beside everything else.</summary>
    /// <param name="family">As <c>ip_family="IPv4"</c>.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    Task WriteAsync(MetricsText text, string family, ServiceMap map, CancellationToken cancellationToken);
}
