using System.Collections.Immutable;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Gateway.Metrics;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>
/// The objects as the gateway sees them, and what was compiled from them. One thread changes it: it notes what a change touches, and
/// <see cref="Flush"/> compiles again exactly that, so that the cost follows the change.
/// </summary>
internal sealed class ClusterModel
{
    private readonly string _controllerName;
    private readonly GatewayState _state;
    private readonly MetricsRegistry _metrics;
    private readonly HostSet _hosts;
    private readonly Dictionary<ObjectKey, IngressObject> _ingresses = [];
    private readonly Dictionary<string, IngressClass> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, Service> _services = [];
    private readonly SecretStore _secrets = new();
    private readonly BackendSet _backends;
    private readonly ClusterView _view;
    private readonly Dictionary<ObjectKey, CompiledIngress> _compiled = [];
    private readonly ReferenceIndex _serviceUsers = new();
    private readonly ReferenceIndex _secretUsers = new();
    private readonly HashSet<ObjectKey> _dirtyIngresses = [];
    private readonly HashSet<ObjectKey> _dirtyServices = [];
    private readonly HashSet<ObjectKey> _concerned = [];
    private volatile ImmutableDictionary<ObjectKey, ImmutableArray<Problem>> _problems = ImmutableDictionary<ObjectKey, ImmutableArray<Problem>>.Empty;

    public ClusterModel(string controllerName, GatewayState state, MetricsRegistry metrics)
    {
        (_controllerName, _state, _metrics) = (controllerName, state, metrics);
        _backends = new(_services);
        _view = new(_services, _secrets.Get);
        _hosts = new(Link);
    }

    /// <summary>What is wrong with each Ingress of ours, as last compiled. Read from any thread.</summary>
    public ImmutableDictionary<ObjectKey, ImmutableArray<Problem>> Problems => _problems;

    /// <summary>Ingresses whose problems the last <see cref="Flush"/> changed, new ones among them.</summary>
    public IReadOnlyList<ObjectKey> Reportable { get; private set; } = [];

    public void Apply(ObjectChange<IngressObject> change)
    {
        Put(_ingresses, change.Key, change.New);
        _dirtyIngresses.Add(change.Key);
    }

    public void Apply(ObjectChange<IngressClass> change)
    {
        Put(_classes, change.Key.Name, change.New);
        _dirtyIngresses.UnionWith(_ingresses.Keys);
    }

    public void Apply(ObjectChange<Service> change)
    {
        Put(_services, change.Key, change.New);
        _dirtyIngresses.UnionWith(_serviceUsers.Users(change.Key));
        _dirtyServices.Add(change.Key);
    }

    public void Apply(ObjectChange<Secret> change)
    {
        if (change.New is { } secret ? _secrets.Set(secret) : _secrets.Remove(change.Key))
        {
            _dirtyIngresses.UnionWith(_secretUsers.Users(change.Key));
        }
    }

    public void Apply(ObjectChange<EndpointSlice> change)
    {
        var (old, current) = _backends.Apply(change.Key, change.Old, change.New);
        if (old is { } left)
        {
            _dirtyServices.Add(left);
        }

        if (current is { } owner)
        {
            _dirtyServices.Add(owner);
        }
    }

    /// <summary>Brings the data plane up to date with everything applied so far.</summary>
    /// <param name="first">Publishes also when nothing changed: the state is complete, and empty.</param>
    /// <returns>Whether routes, certificates or problems changed.</returns>
    public bool Flush(bool first = false)
    {
        var changed = first;
        foreach (var key in _dirtyIngresses)
        {
            changed |= Recompile(key);
        }

        _dirtyIngresses.Clear();
        // Before new routes, so that a route never appears ahead of its endpoints.
        foreach (var service in _dirtyServices)
        {
            _backends.Refresh(service);
        }

        _dirtyServices.Clear();
        if (changed)
        {
            Publish();
        }

        return changed;
    }

    private static void Put<TKey, T>(Dictionary<TKey, T> items, TKey key, T? value)
        where TKey : notnull
        where T : class
    {
        if (value is null)
        {
            items.Remove(key);
        }
        else
        {
            items[key] = value;
        }
    }

    private bool Recompile(ObjectKey key)
    {
        var before = _compiled.GetValueOrDefault(key);
        var now = _ingresses.TryGetValue(key, out var ingress) && IngressClassMatcher.IsOurs(ingress, _classes, _controllerName)
            ? IngressCompiler.Compile(ingress, _view)
            : null;
        if (before is null ? now is null : before.Equals(now))
        {
            return false;
        }

        Put(_compiled, key, now);
        _serviceUsers.Replace(key, before?.Services ?? [], now?.Services ?? []);
        _secretUsers.Replace(key, before?.Secrets ?? [], now?.Secrets ?? []);
        _backends.Count(before?.Backends.Keys ?? [], -1);
        _backends.Count(now?.Backends.Keys ?? [], 1);
        _hosts.Replace(before, now);
        _concerned.Add(key);
        return true;
    }

    private void Publish()
    {
        _hosts.Flush(_concerned);
        _backends.DropUnused();
        var problems = _problems.ToBuilder();
        foreach (var key in _concerned)
        {
            if (_compiled.TryGetValue(key, out var ingress))
            {
                problems[key] = [.. ingress.Problems, .. _hosts.Conflicts(ingress)];
            }
            else
            {
                problems.Remove(key);
            }
        }

        Reportable = [.. _concerned];
        _concerned.Clear();
        _problems = problems.ToImmutable();
        _state.Publish(_hosts.Routes, _hosts.Certificates);
    }

    private Route Link(RouteRule rule)
    {
        if (rule.Backend is not { } key)
        {
            return new(rule, null, _metrics.Get(rule.Owner, ""));
        }

        // Whoever names a backend says the same of it, because the Service does.
        var owner = rule.Owner.Split('/');
        return new(rule, _backends.Get(key, _compiled[new(owner[0], owner[1])].Backends[key]), _metrics.Get(rule.Owner, key.ToString()));
    }
}
