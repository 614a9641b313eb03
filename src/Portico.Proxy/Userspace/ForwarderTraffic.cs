using System.Collections.Concurrent;
using System.Net;
using Portico.Proxy.Health;
using Portico.Proxy.Services;
using Portico.Proxy.Traffic;

namespace Portico.Proxy.Userspace;

/// <summary>What the forwarders of this process have counted, whichever frontend it came by. Safe for several threads.</summary>
internal sealed class ForwarderTraffic : ITrafficCounters
{
    private readonly TrafficMeter _all = new(null);
    private readonly ConcurrentDictionary<ServicePortId, Port> _ports = new();

    /// <summary>Since the start.</summary>
    public long Connections => _all.Count.Connections;

    /// <summary>Counts a connection.</summary>
    /// <returns>For what it moves.</returns>
    public TrafficMeter Connected(Frontend frontend, IPEndPoint endpoint)
    {
        var port = _ports.GetOrAdd(ServicePortId.Of(frontend), static (_, all) => new(all), _all);
        var meter = port.Endpoints.GetOrAdd(endpoint, static (_, whole) => new(whole), port.Whole);
        meter.Connected();
        return meter;
    }

    public void Prune(ServiceMap map)
    {
        foreach (var port in _ports.Keys)
        {
            Keep(port, map);
        }
    }

    public void Forget(IReadOnlyList<FrontendChange> changes, ServiceMap map)
    {
        foreach (var change in changes)
        {
            if (change.Old is { } old)
            {
                Keep(ServicePortId.Of(old), map);
            }
        }
    }

    public Task WriteAsync(MetricsText text, string family, ServiceMap map, CancellationToken cancellationToken)
    {
        var totals = new TrafficTotals(family);
        foreach (var (id, port) in _ports)
        {
            // A connection that was being made when its endpoint went may have come after that was forgotten.
            if (Serving(id, map) is { } serving)
            {
                totals.Add(id, port.Whole.Count);
                foreach (var (endpoint, meter) in port.Endpoints.Where(endpoint => serving.Contains(endpoint.Key)))
                {
                    totals.Add(id, endpoint.ToString(), meter.Count);
                }
            }
        }

        totals.Write(text);
        return Task.CompletedTask;
    }

    private void Keep(ServicePortId id, ServiceMap map)
    {
        if (!_ports.TryGetValue(id, out var port))
        {
            return;
        }

        if (Serving(id, map) is not { } serving)
        {
            _ports.TryRemove(id, out _);
            return;
        }

        foreach (var endpoint in port.Endpoints.Keys)
        {
            if (!serving.Contains(endpoint))
            {
                port.Endpoints.TryRemove(endpoint, out _);
            }
        }
    }

    /// <returns>Null: there is no such Service port.</returns>
    private static HashSet<IPEndPoint>? Serving(ServicePortId id, ServiceMap map)
    {
        var frontends = (map.Plans.GetValueOrDefault(id.Service)?.Frontends ?? []).Where(frontend => ServicePortId.Of(frontend) == id).ToList();
        return frontends.Count == 0
            ? null
            : [.. frontends.SelectMany(static frontend => frontend.Cluster.Concat(frontend.Local)).Select(static endpoint => new IPEndPoint(endpoint.Address, endpoint.Port))];
    }

    private sealed class Port(TrafficMeter all)
    {
        public TrafficMeter Whole { get; } = new(all);

        public ConcurrentDictionary<IPEndPoint, TrafficMeter> Endpoints { get; } = new();
    }
}
