using System.Collections.Immutable;

namespace Portico.Gateway.Routing;

/// <summary>The whole route table as data, in order of precedence: of two rules alike, the first is the one that counts.</summary>
internal sealed record RoutePlan(ImmutableArray<RouteRule> Rules)
{
    public static readonly RoutePlan Empty = new([]);

    /// <summary>One rule a line, sorted: what golden files hold and people read.</summary>
    public string ToText() => string.Concat(Rules.Select(rule => rule.ToString()).Order(StringComparer.Ordinal).Select(line => line + "\n"));
}
