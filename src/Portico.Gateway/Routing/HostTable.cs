using System.Collections.Frozen;

namespace Portico.Gateway.Routing;

/// <summary>
/// Values by host: exact before wildcard (one label only) before "every host". A look-up is one or two hashes, whatever the number of hosts; nothing is allocated.
/// </summary>
internal sealed class HostTable<T>
    where T : class
{
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _wildcards;
    private readonly T? _any;

    /// <param name="values">By "host", "*.host" or "" for every host. Not kept.</param>
    public HostTable(IReadOnlyDictionary<string, T> values)
    {
        var exact = new Dictionary<string, T>(values.Count, StringComparer.OrdinalIgnoreCase);
        var wildcards = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        foreach (var (host, value) in values)
        {
            if (host.StartsWith("*.", StringComparison.Ordinal))
            {
                wildcards.Add(host[1..], value);
            }
            else if (host.Length > 0)
            {
                exact.Add(host, value);
            }
        }

        _any = values.GetValueOrDefault("");
        _exact = exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcards = wildcards.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IEnumerable<T> Values => [.. _exact.Dictionary.Values, .. _wildcards.Dictionary.Values, .. _any is null ? [] : new[] { _any }];

    /// <param name="host">Without port, in any case.</param>
    public T? Find(ReadOnlySpan<char> host)
    {
        if (_exact.TryGetValue(host, out var value))
        {
            return value;
        }

        return HostName.Suffix(host) is { Length: > 1 } suffix && _wildcards.TryGetValue(suffix, out value) ? value : _any;
    }
}
