using Microsoft.Extensions.Logging;
using Portico.Gateway.Metrics;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Dataplane;

/// <summary>What happens to a request: normal form, route, endpoint, forward; or an answer of our own that says which of them failed.</summary>
internal sealed partial class GatewayPipeline(
    GatewayState state, MetricsRegistry metrics, UpstreamPool pool, Draining draining, bool accessLog, ILogger logger, TimeProvider time)
{
    public async Task HandleAsync(Exchange exchange)
    {
        var started = time.GetTimestamp();
        var snapshot = state.Current;
        if (draining.HasBegun)
        {
            exchange.CloseAfterResponse();
        }

        if (!TryRoute(snapshot, exchange, out var route))
        {
            await FinishAsync(exchange, metrics.Unrouted, started, new(400, "the path has a bad escape or leaves the root"));
        }
        else if (route is null)
        {
            await FinishAsync(exchange, metrics.Unrouted, started, Unrouted(snapshot));
        }
        else if (route.Backend is null || Balancer.Pick(route.Backend, null, started, Random.Shared) is not { } endpoint)
        {
            var why = route.Backend is null ? "the backend of its route does not exist" : $"service {route.Rule.Backend} has no ready endpoint";
            await FinishAsync(exchange, route.Metrics, started, new(503, why));
        }
        else
        {
            await ForwardAsync(exchange, route, endpoint, started);
        }
    }

    private static LocalAnswer Unrouted(GatewaySnapshot snapshot) =>
        snapshot.Generation > 0 ? new(404, "no Ingress has a rule for this host and path") : new(503, "the gateway is starting");

    private static bool TryRoute(GatewaySnapshot snapshot, Exchange exchange, out Route? route)
    {
        route = null;
        var path = RequestPath.OfTarget(exchange.Target);
        if (path.IsEmpty)
        {
            return false;
        }

        if (RequestPath.IsNormal(path))
        {
            route = snapshot.Routes.Match(exchange.Host, path);
            return true;
        }

        if (!RequestPath.TryNormalize(path, out var normal))
        {
            return false;
        }

        route = snapshot.Routes.Match(exchange.Host, normal);
        return true;
    }

    private async Task ForwardAsync(Exchange exchange, Route route, BackendEndpoint endpoint, long started)
    {
        route.Metrics.Begin();
        using var call = new UpstreamCall(exchange, route, endpoint, pool, time);
        try
        {
            if (!await exchange.ForwardAsync(call))
            {
                route.Metrics.UpstreamFailed();
                LogUpstream(call.Endpoint.Authority, route.Rule.Backend.ToString(), exchange.Status, call.Failure);
                await exchange.AnswerAsync(new(exchange.Status, exchange.Status == 504 ? "the endpoint did not answer in time" : "no endpoint could be reached"));
            }
        }
        finally
        {
            call.End();
            End(exchange, route.Metrics, started, call.Endpoint.Authority);
        }
    }

    private async Task FinishAsync(Exchange exchange, RouteMetrics counted, long started, LocalAnswer answer)
    {
        counted.Begin();
        try
        {
            await exchange.AnswerAsync(answer);
        }
        finally
        {
            End(exchange, counted, started, "-");
        }
    }

    private void End(Exchange exchange, RouteMetrics counted, long started, string endpoint)
    {
        var duration = time.GetElapsedTime(started);
        counted.End(exchange.Status, duration);
        if (accessLog)
        {
            LogAccess(exchange.Connection.Peer, exchange.Method, exchange.Host, exchange.Target, exchange.Status, duration.TotalMilliseconds, endpoint, exchange.RequestId);
        }
    }

    [LoggerMessage(7010, LogLevel.Information, "{Peer} {Method} {Host}{Target} {Status} {Milliseconds:0.0} ms {Endpoint} {RequestId}")]
    private partial void LogAccess(string peer, string method, string host, string target, int status, double milliseconds, string endpoint, string requestId);

    [LoggerMessage(7011, LogLevel.Debug, "endpoint {Endpoint} of {Backend}: {Status}: {Failure}")]
    private partial void LogUpstream(string endpoint, string? backend, int status, string? failure);
}
