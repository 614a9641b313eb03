using System.Collections.Concurrent;
using System.Net;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;

namespace Portico.Node.Dns;

/// <summary>What the zone looks up and the caches have no key for: slices of a Service, and whom an address belongs to.</summary>
internal sealed class ServiceIndex : IDisposable
{
    private readonly ObjectCache<Service> _services;
    private readonly ObjectCache<EndpointSlice> _slices;
    private readonly ConcurrentDictionary<ObjectKey, HashSet<ObjectKey>> _slicesOf = [];
    private readonly ConcurrentDictionary<IPAddress, ObjectKey> _clusterIPs = [];
    private readonly ConcurrentDictionary<IPAddress, ObjectKey> _endpoints = [];

    public ServiceIndex(ObjectCache<Service> services, ObjectCache<EndpointSlice> slices)
    {
        (_services, _slices) = (services, slices);
        services.Changed += OnService;
        slices.Changed += OnSlice;
        foreach (var service in services.Items)
        {
            OnService(new(ObjectKey.Of(service), null, service));
        }

        foreach (var slice in slices.Items)
        {
            OnSlice(new(ObjectKey.Of(slice), null, slice));
        }
    }

    public Service? Find(ObjectKey service) => _services.Get(service);

    public IReadOnlyList<EndpointSlice> SlicesOf(ObjectKey service)
    {
        if (!_slicesOf.TryGetValue(service, out var keys))
        {
            return [];
        }

        lock (keys)
        {
            return [.. keys.Select(_slices.Get).OfType<EndpointSlice>()];
        }
    }

    /// <summary>The Service that has the address as a cluster IP.</summary>
    public Service? ByClusterIP(IPAddress address) => _clusterIPs.TryGetValue(address, out var key) ? _services.Get(key) : null;

    /// <summary>A slice with an endpoint of the address.</summary>
    public EndpointSlice? ByEndpoint(IPAddress address) => _endpoints.TryGetValue(address, out var key) ? _slices.Get(key) : null;

    public void Dispose()
    {
        _services.Changed -= OnService;
        _slices.Changed -= OnSlice;
    }

    private void OnService(ObjectChange<Service> change)
    {
        foreach (var address in Addresses(change.Old?.Spec.ClusterIPs))
        {
            _clusterIPs.TryRemove(new(address, change.Key));
        }

        foreach (var address in Addresses(change.New?.Spec.ClusterIPs))
        {
            _clusterIPs[address] = change.Key;
        }
    }

    private void OnSlice(ObjectChange<EndpointSlice> change)
    {
        if (change.Old is { } old)
        {
            if (_slicesOf.TryGetValue(ServiceOf(old), out var keys))
            {
                lock (keys)
                {
                    keys.Remove(change.Key);
                }
            }

            foreach (var address in old.Endpoints.SelectMany(endpoint => Addresses(endpoint.Addresses)))
            {
                _endpoints.TryRemove(new(address, change.Key));
            }
        }

        if (change.New is { } slice)
        {
            var keys = _slicesOf.GetOrAdd(ServiceOf(slice), static _ => []);
            lock (keys)
            {
                keys.Add(change.Key);
            }

            foreach (var address in slice.Endpoints.SelectMany(endpoint => Addresses(endpoint.Addresses)))
            {
                _endpoints[address] = change.Key;
            }
        }
    }

    public static ObjectKey ServiceOf(EndpointSlice slice) =>
        new(slice.Metadata.Namespace, slice.Metadata.Labels.GetValueOrDefault(EndpointSlice.ServiceNameLabel, ""));

    private static IEnumerable<IPAddress> Addresses(IReadOnlyList<string>? texts)
    {
        foreach (var text in texts ?? [])
        {
            if (IPAddress.TryParse(text, out var address))
            {
                yield return address;
            }
        }
    }
}
