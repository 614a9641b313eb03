using Portico.Gateway.Metrics;

namespace Portico.Gateway.Routing;

/// <summary>A rule joined to the run-time state that serves it.</summary>
/// <param name="Backend">Null exactly when the rule's is.</param>
internal sealed record Route(RouteRule Rule, Backend? Backend, RouteMetrics Metrics);
