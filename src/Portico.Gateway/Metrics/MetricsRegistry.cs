using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Metrics;

/// <summary>All counters of the data plane, as Prometheus text. Series exist for pairs of Ingress and Service in the table: what clients send makes none.</summary>
internal sealed class MetricsRegistry
{
    private static readonly string[] Bounds = [.. RouteMetrics.Bounds.Select(bound => bound.ToString(CultureInfo.InvariantCulture)), "+Inf"];

    private readonly ConcurrentDictionary<(string Owner, string Service), RouteMetrics> _routes = new();

    /// <summary>Requests that no route matched.</summary>
    public RouteMetrics Unrouted { get; } = new("", "");

    public RouteMetrics Get(string owner, string service) => _routes.GetOrAdd((owner, service), static key => new(key.Owner, key.Service));

    public string ToText(GatewaySnapshot snapshot)
    {
        DropGone(snapshot);
        var routes = _routes.Values.Append(Unrouted).OrderBy(item => item.Owner, StringComparer.Ordinal).ThenBy(item => item.Service, StringComparer.Ordinal).ToArray();
        var text = new StringBuilder();
        Head(text, "portico_gateway_snapshot_generation", "gauge", "Snapshots of routes and certificates taken over since the start.");
        text.Append(CultureInfo.InvariantCulture, $"portico_gateway_snapshot_generation {snapshot.Generation}\n");
        Head(text, "portico_gateway_routes", "gauge", "Rules in the route table.");
        text.Append(CultureInfo.InvariantCulture, $"portico_gateway_routes {snapshot.Routes.Routes.Count()}\n");
        Head(text, "portico_gateway_requests_in_flight", "gauge", "Open requests, WebSockets and streams.");
        Each(text, routes, "portico_gateway_requests_in_flight", item => item.InFlight);
        Head(text, "portico_gateway_upstream_errors_total", "counter", "Requests that no endpoint answered.");
        Each(text, routes, "portico_gateway_upstream_errors_total", item => item.UpstreamErrors);
        Head(text, "portico_gateway_upstream_retries_total", "counter", "Attempts after the first one.");
        Each(text, routes, "portico_gateway_upstream_retries_total", item => item.Retries);
        Head(text, "portico_gateway_requests_total", "counter", "Requests that ended, by the class of their status.");
        foreach (var item in routes)
        {
            Totals(text, item);
        }

        Head(text, "portico_gateway_request_duration_seconds", "histogram", "From the request's head to the end of the response.");
        foreach (var item in routes)
        {
            Histograms(text, item);
        }

        return text.ToString();
    }

    // Here rather than when a route goes: a scrape looks at everything anyway.
    private void DropGone(GatewaySnapshot snapshot)
    {
        var kept = snapshot.Routes.Routes.Select(route => (route.Metrics.Owner, route.Metrics.Service)).ToHashSet();
        foreach (var key in _routes.Keys)
        {
            if (!kept.Contains(key))
            {
                _routes.TryRemove(key, out _);
            }
        }
    }

    private static void Head(StringBuilder text, string name, string type, string help) => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static void Each(StringBuilder text, RouteMetrics[] routes, string name, Func<RouteMetrics, long> value)
    {
        foreach (var item in routes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{{{Labels(item)}}} {value(item)}\n");
        }
    }

    private static void Totals(StringBuilder text, RouteMetrics item)
    {
        for (var hundreds = 1; hundreds <= 5; hundreds++)
        {
            if (item.Class(hundreds).Count is > 0 and var count)
            {
                text.Append(CultureInfo.InvariantCulture, $"portico_gateway_requests_total{{{Labels(item)},code=\"{hundreds}xx\"}} {count}\n");
            }
        }
    }

    private static void Histograms(StringBuilder text, RouteMetrics item)
    {
        for (var hundreds = 1; hundreds <= 5; hundreds++)
        {
            var values = item.Class(hundreds);
            var labels = $"{Labels(item)},code=\"{hundreds}xx\"";
            var body = new StringBuilder();
            long count = 0;
            for (var i = 0; i < Bounds.Length; i++)
            {
                count += values.Bucket(i);
                body.Append(CultureInfo.InvariantCulture, $"portico_gateway_request_duration_seconds_bucket{{{labels},le=\"{Bounds[i]}\"}} {count}\n");
            }

            if (count > 0)
            {
                text.Append(body);
                text.Append(CultureInfo.InvariantCulture, $"portico_gateway_request_duration_seconds_sum{{{labels}}} {values.Sum.TotalSeconds}\n");
                text.Append(CultureInfo.InvariantCulture, $"portico_gateway_request_duration_seconds_count{{{labels}}} {count}\n");
            }
        }
    }

    // Names of Kubernetes objects hold nothing that would need an escape.
    private static string Labels(RouteMetrics item) => $"ingress=\"{item.Owner}\",service=\"{item.Service}\"";
}
