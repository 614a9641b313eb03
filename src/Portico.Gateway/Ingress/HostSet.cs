using Portico.Api.Kinds;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>The hosts that Ingresses claim. A change merges and builds again only the hosts that it is about.</summary>
/// <param name="link">Joins a rule to its run-time state.</param>
internal sealed class HostSet(Func<RouteRule, Route> link)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _dirty = new(StringComparer.Ordinal);

    /// <summary>What requests are matched with.</summary>
    public Dictionary<string, HostRoutes> Routes { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ServerCertificate> Certificates { get; } = new(StringComparer.Ordinal);

    public void Replace(CompiledIngress? before, CompiledIngress? now)
    {
        foreach (var host in before?.Hosts ?? [])
        {
            _entries[host].Claims.Remove(before!);
            _dirty.Add(host);
        }

        foreach (var host in now?.Hosts ?? [])
        {
            if (!_entries.TryGetValue(host, out var entry))
            {
                _entries.Add(host, entry = new());
            }

            entry.Claims.Add(now!, now!.Claims[host]);
            _dirty.Add(host);
        }
    }

    /// <summary>Builds the hosts that changed.</summary>
    /// <param name="concerned">Takes the Ingresses whose conflicts are not what they were.</param>
    public void Flush(ISet<ObjectKey> concerned)
    {
        foreach (var host in _dirty)
        {
            var entry = _entries[host];
            var merged = entry.Claims.Count > 0 ? HostMerger.Merge(entry.Claims.Values) : MergedHost.Empty;
            concerned.UnionWith(entry.Merged.Conflicts.Keys);
            concerned.UnionWith(merged.Conflicts.Keys);
            entry.Merged = merged;
            Put(Routes, host, merged.Rules.IsEmpty ? null : new([.. merged.Rules.Select(link)]));
            Put(Certificates, host, merged.Certificate);
            if (entry.Claims.Count == 0)
            {
                _entries.Remove(host);
            }
        }

        _dirty.Clear();
    }

    public IEnumerable<Problem> Conflicts(CompiledIngress ingress)
    {
        foreach (var host in ingress.Hosts)
        {
            if (_entries[host].Merged.Conflicts.TryGetValue(ingress.Key, out var problems))
            {
                foreach (var problem in problems)
                {
                    yield return problem;
                }
            }
        }
    }

    private static void Put<T>(Dictionary<string, T> values, string host, T? value)
        where T : class
    {
        if (value is null)
        {
            values.Remove(host);
        }
        else
        {
            values[host] = value;
        }
    }

    private sealed class Entry
    {
        public SortedList<CompiledIngress, HostClaim> Claims { get; } = new(Comparer<CompiledIngress>.Create(CompiledIngress.ByAge));

        public MergedHost Merged { get; set; } = MergedHost.Empty;
    }
}
