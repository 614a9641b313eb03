using System.Collections.Immutable;
using System.Net;

namespace Portico.Gateway.Routing;

/// <summary>
/// The run-time state of one backend. Routes point at it, so its endpoints change without touching a route: one writer swaps the array, readers never lock.
/// </summary>
internal sealed class Backend(BackendKey key, BackendProtocol protocol)
{
    private volatile BackendEndpoint[] _endpoints = [];

    public BackendKey Key { get; } = key;

    public BackendProtocol Protocol { get; } = protocol;

    /// <summary>Never changed in place.</summary>
    public ReadOnlySpan<BackendEndpoint> Endpoints => _endpoints;

    /// <summary>Takes over new addresses; an address that stays keeps its counters.</summary>
    /// <returns>False when nothing changed.</returns>
    public bool Update(ImmutableArray<IPEndPoint> addresses)
    {
        var old = _endpoints;
        if (old.Length == addresses.Length && Same(old, addresses))
        {
            return false;
        }

        var known = old.ToDictionary(endpoint => endpoint.Address);
        _endpoints = [.. addresses.Select(address => known.GetValueOrDefault(address) ?? new BackendEndpoint(address))];
        return true;
    }

    private static bool Same(BackendEndpoint[] old, ImmutableArray<IPEndPoint> addresses)
    {
        for (var i = 0; i < old.Length; i++)
        {
            if (!old[i].Address.Equals(addresses[i]))
            {
                return false;
            }
        }

        return true;
    }
}
