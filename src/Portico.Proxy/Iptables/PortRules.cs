using System.Collections.Immutable;
using Portico.Proxy.Services;

namespace Portico.Proxy.Iptables;

/// <summary>All rules of a Service port.</summary>
/// <param name="Chains">That belong to it alone, with their rules in order.</param>
/// <param name="Entries">Its rules in chains of all; their order says nothing.</param>
internal sealed record PortRules(ImmutableDictionary<ChainId, ValueList<string>> Chains, ImmutableHashSet<(ChainId Chain, string Rule)> Entries)
{
    public static readonly PortRules None = new(ImmutableDictionary<ChainId, ValueList<string>>.Empty, []);
}
