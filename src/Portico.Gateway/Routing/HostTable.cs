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

    /// <param name="values">By "host", "*.host" or "" for every host.</param>
    public HostTable(IReadOnlyDictionary<string, T> values)
    {
        _exact = values.Where(pair => pair.Key.Length > 0 && pair.Key[0] != '*')
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcards = values.Where(pair => pair.Key.StartsWith("*.", StringComparison.Ordinal))
            .ToFrozenDictionary(pair => pair.Key[1..], pair => pair.Value, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _any = values.GetValueOrDefault("");
    }

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
