namespace Portico.Gateway.Routing;

/// <summary>
/// Immutable; finds the route of a request. A host that has rules of its own answers for all of its paths: what none of them matches goes to the host's
/// default backend or to the default of the table, never to the rules of a wildcard or of "every host", which may be somebody else's.
/// </summary>
/// <param name="hosts">By "host", "*.host", or "" for every host. Not kept.</param>
internal sealed class RouteTable(IReadOnlyDictionary<string, HostRoutes> hosts)
{
    public static readonly RouteTable Empty = new(new Dictionary<string, HostRoutes>());

    private readonly HostTable<HostRoutes> _hosts = new(hosts);
    private readonly Route? _default = hosts.GetValueOrDefault("")?.Default;

    public IEnumerable<Route> Routes => _hosts.Values.SelectMany(host => host.All);

    /// <param name="host">As sent, with or without port.</param>
    /// <param name="path">In the normal form of <see cref="RequestPath"/>.</param>
    public Route? Match(ReadOnlySpan<char> host, ReadOnlySpan<char> path) =>
        _hosts.Find(HostName.WithoutPort(host))?.Find(path) ?? _default;

    /// <summary>One rule a line, sorted: what golden files hold and people read.</summary>
    public string ToText() => string.Concat(Routes.Select(route => route.Rule.ToString()).Order(StringComparer.Ordinal).Select(line => line + "\n"));
}
