using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Portico.Proxy.Health;

/// <summary>Upstream's metrics of the client of the API server, from what .NET measures of each request: its time ends with the head of the answer.</summary>
public sealed class RestClientMetrics : IDisposable
{
    private const string Host = "host";

    // client-go's, in seconds.
    private static readonly double[] Bounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

    private readonly MeterListener _listener = new();
    private readonly Uri _server;
    private readonly ConcurrentDictionary<(string Code, string Method), long> _requests = new();
    private readonly ConcurrentDictionary<string, Histogram> _durations = new(StringComparer.Ordinal);

    /// <param name="server">The API server; what the process asks of others is not counted.</param>
    public RestClientMetrics(Uri server)
    {
        _server = server;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "System.Net.Http", Name: "http.client.request.duration" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) => OnRequest(seconds, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    internal void Write(MetricsText text)
    {
        var host = MetricsText.Label(Host, _server.Authority);
        foreach (var ((code, method), count) in _requests)
        {
            text.Counter(
                "rest_client_requests_total", "Number of HTTP requests, partitioned by status code, method, and host.",
                $"{MetricsText.Label("code", code)},{host},{MetricsText.Label("method", method)}", count);
        }

        foreach (var (verb, durations) in _durations)
        {
            durations.Write(text, $"{host},{MetricsText.Label("verb", verb)}");
        }
    }

    private void OnRequest(double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (code, method) = ("<error>", "");
        foreach (var (name, value) in tags)
        {
            switch (name)
            {
                case "server.address" when !string.Equals(value as string, _server.Host, StringComparison.OrdinalIgnoreCase):
                case "server.port" when value is int port && port != _server.Port:
                    return;
                case "http.request.method":
                    method = value as string ?? "";
                    break;
                case "http.response.status_code":
                    code = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                    break;
            }
        }

        _requests.AddOrUpdate((code, method), 1, static (_, count) => count + 1);
        _durations.GetOrAdd(method, static _ => new("rest_client_request_duration_seconds", "Request latency in seconds. Broken down by verb, and host.", Bounds))
            .Observe(TimeSpan.FromSeconds(seconds));
    }
}
