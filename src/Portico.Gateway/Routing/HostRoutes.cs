using System.Collections.Frozen;

namespace Portico.Gateway.Routing;

/// <summary>The paths of one host: Exact, then the longest Prefix, then the host's default.</summary>
internal sealed class HostRoutes
{
    private readonly FrozenDictionary<string, Route>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly PathNode _prefixes;
    /// <param name="routes">Of one host; of two alike, the first counts.</param>
    public HostRoutes(IReadOnlyList<Route> routes)
    {
        All = routes;
        var exact = new Dictionary<string, Route>(StringComparer.Ordinal);
        var prefixes = new PathNode.Builder();
        foreach (var route in routes)
        {
            switch (route.Rule.Kind)
            {
                case PathKind.Exact:
                    exact.TryAdd(route.Rule.Path, route);
                    break;
                case PathKind.Prefix:
                    prefixes.Add(route.Rule.Path, route);
                    break;
                default:
                    Default ??= route;
                    break;
            }
        }

        _exact = exact.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _prefixes = prefixes.Build();
    }

    public IReadOnlyList<Route> All { get; }

    public Route? Default { get; }

    public Route? Find(ReadOnlySpan<char> path) => _exact.TryGetValue(path, out var route) ? route : _prefixes.Longest(path) ?? Default;
}
