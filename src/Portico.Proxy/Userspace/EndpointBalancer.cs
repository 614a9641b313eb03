using System.Net;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>Whose turn it is at a Service port: strict round robin, and clients that stay with their endpoint. Safe for several threads.</summary>
internal sealed class EndpointBalancer(TimeProvider time)
{
    // Bounds what clients can make us remember; above it new clients are balanced like any other.
    private const int ClientLimit = 65536;

    private readonly Lock _lock = new();
    private readonly Dictionary<(IPAddress Address, bool Local), (EndpointAddress Endpoint, DateTimeOffset LastUsed)> _clients = [];
    private DateTimeOffset _swept = time.GetUtcNow();
    private int _clusterTurn;
    private int _localTurn;

    /// <param name="address">The client's.</param>
    /// <param name="failed">The endpoint that did not answer this connection: it is not this client's any more.</param>
    /// <returns>Null: there is none.</returns>
    public EndpointAddress? Next(Frontend frontend, IPAddress address, TrafficSource source, IPEndPoint? failed = null)
    {
        var endpoints = FrontendPolicy.EndpointsFor(frontend, source);
        if (endpoints.Count == 0)
        {
            return null;
        }

        // Not with ClusterIP and NodePort of one port alike: the one may know only this node's.
        var client = (address, Local: frontend.LocalPolicy && (frontend.Kind == FrontendKind.ClusterIP || source == TrafficSource.External));
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (frontend.Affinity is { } timeout)
            {
                Sweep(now, timeout);
                if (failed is null && _clients.TryGetValue(client, out var known) && now - known.LastUsed < timeout && Contains(endpoints, known.Endpoint))
                {
                    _clients[client] = (known.Endpoint, now);
                    return known.Endpoint;
                }
            }

            ref var turn = ref client.Local ? ref _localTurn : ref _clusterTurn;
            var chosen = endpoints[turn % endpoints.Count];
            if (failed is not null && chosen.Port == failed.Port && chosen.Address.Equals(failed.Address))
            {
                // Other connections have brought the turn round to it again.
                turn++;
                chosen = endpoints[turn % endpoints.Count];
            }

            turn = (turn + 1) % endpoints.Count;
            if (frontend.Affinity is not null && (_clients.Count < ClientLimit || _clients.ContainsKey(client)))
            {
                _clients[client] = (chosen, now);
            }

            return chosen;
        }
    }

    private void Sweep(DateTimeOffset now, TimeSpan timeout)
    {
        if (now - _swept < timeout)
        {
            return;
        }

        _swept = now;
        foreach (var (client, entry) in _clients)
        {
            if (now - entry.LastUsed >= timeout)
            {
                _clients.Remove(client);
            }
        }
    }

    private static bool Contains(ValueList<EndpointAddress> endpoints, EndpointAddress wanted)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint == wanted)
            {
                return true;
            }
        }

        return false;
    }
}
