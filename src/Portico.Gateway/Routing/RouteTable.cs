namespace Portico.Gateway.Routing;

/// <summary>
/// Immutable; finds the route of a request. A host that has rules of its own answers for all of its paths: what none of them matches goes to the host's
/// default backend or to the default of the table, never to the rules of a wildcard or of "every host", which may be somebody else's.
/// </summary>
internal sealed class RouteTable
{
    public static readonly RouteTable Empty = new(RoutePlan.Empty, static _ => throw new InvalidOperationException());

    private readonly HostTable<HostRoutes> _hosts;
    private readonly Route? _default;

    /// <param name="link">Joins a rule to its run-time state.</param>
    public RouteTable(RoutePlan plan, Func<RouteRule, Route> link)
    {
        Plan = plan;
        var routes = plan.Rules.Select(link).ToArray();
        Routes = routes;
        _default = Array.Find(routes, route => route.Rule is { Host: "", Kind: PathKind.Default });
        _hosts = new(routes.GroupBy(route => route.Rule.Host, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => new HostRoutes(group), StringComparer.Ordinal));
    }

    public RoutePlan Plan { get; }

    public IReadOnlyList<Route> Routes { get; }

    /// <param name="host">As sent, with or without port.</param>
    /// <param name="path">In the normal form of <see cref="RequestPath"/>.</param>
    public Route? Match(ReadOnlySpan<char> host, ReadOnlySpan<char> path) =>
        _hosts.Find(HostName.WithoutPort(host))?.Find(path) ?? _default;
}
