using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>The backends that routes point at, by Service, and the EndpointSlices that fill them. A change of endpoints touches nothing else.</summary>
internal sealed class BackendSet(IReadOnlyDictionary<ObjectKey, Service> services)
{
    private readonly Dictionary<BackendKey, Backend> _backends = [];
    private readonly Dictionary<BackendKey, int> _uses = [];
    private readonly HashSet<BackendKey> _unused = [];
    private readonly Dictionary<ObjectKey, List<Backend>> _byService = [];
    private readonly Dictionary<ObjectKey, Dictionary<ObjectKey, EndpointSlice>> _slices = [];

    /// <returns>The Services whose slices changed: two when a slice went from one to another.</returns>
    public (ObjectKey? Old, ObjectKey? New) Apply(ObjectKey key, EndpointSlice? before, EndpointSlice? now)
    {
        var old = before is null ? null : Owner(before);
        var current = now is null ? null : Owner(now);
        if (old is { } left && left != current && _slices.TryGetValue(left, out var slices) && slices.Remove(key) && slices.Count == 0)
        {
            _slices.Remove(left);
        }

        if (current is { } owner)
        {
            if (!_slices.TryGetValue(owner, out slices))
            {
                _slices.Add(owner, slices = []);
            }

            slices[key] = now!;
        }

        return (old, current);
    }

    /// <summary>The backend of a key, made and filled when it is new or is spoken to in another way than before.</summary>
    public Backend Get(BackendKey key, BackendProtocol protocol)
    {
        if (_backends.TryGetValue(key, out var backend) && backend.Protocol == protocol)
        {
            return backend;
        }

        var service = new ObjectKey(key.Namespace, key.Service);
        if (!_byService.TryGetValue(service, out var siblings))
        {
            _byService.Add(service, siblings = []);
        }

        if (backend is not null)
        {
            siblings.Remove(backend);
        }

        backend = new(key, protocol);
        _backends[key] = backend;
        siblings.Add(backend);
        Fill(service, backend);
        return backend;
    }

    /// <returns>Whether the endpoints of a backend changed.</returns>
    public bool Refresh(ObjectKey service)
    {
        var changed = false;
        foreach (var backend in _byService.GetValueOrDefault(service) ?? [])
        {
            changed |= Fill(service, backend);
        }

        return changed;
    }

    /// <summary>Notes that Ingresses name these backends, or do so no more.</summary>
    public void Count(IEnumerable<BackendKey> keys, int change)
    {
        foreach (var key in keys)
        {
            var uses = _uses.GetValueOrDefault(key) + change;
            _uses[key] = uses;
            if (uses == 0)
            {
                _unused.Add(key);
            }
        }
    }

    /// <summary>Forgets backends that no Ingress names any more. Requests that still hold one finish on it.</summary>
    public void DropUnused()
    {
        foreach (var key in _unused.Where(key => _uses[key] == 0))
        {
            _uses.Remove(key);
            var service = new ObjectKey(key.Namespace, key.Service);
            if (_backends.Remove(key, out var backend) && _byService[service] is var siblings && siblings.Remove(backend) && siblings.Count == 0)
            {
                _byService.Remove(service);
            }
        }

        _unused.Clear();
    }

    private static ObjectKey? Owner(EndpointSlice slice) =>
        slice.Metadata.Labels.GetValueOrDefault(EndpointSlice.ServiceNameLabel) is { Length: > 0 } name ? new(slice.Metadata.Namespace, name) : null;

    private bool Fill(ObjectKey service, Backend backend)
    {
        IEnumerable<EndpointSlice> slices = _slices.TryGetValue(service, out var found) ? found.Values : [];
        return backend.Update(EndpointCompiler.Compile(backend.Key, services.GetValueOrDefault(service), slices));
    }
}
