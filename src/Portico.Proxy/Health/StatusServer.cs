using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Portico.Client.Loops;
using Portico.Net.Sockets;
using Portico.Proxy.Configuration;

namespace Portico.Proxy.Health;

/// <summary>What probes and dashboards ask of a node's service proxy: one answer for the proxies of all address families.</summary>
public sealed class StatusServer(IReadOnlyList<ServiceProxy> proxies, StatusServerOptions options, ILoggerFactory loggers, TimeProvider time)
{
    private const string PlainText = "text/plain; charset=utf-8";
    private static readonly string[] MetricsPaths = ["/configz", "/flagz", "/healthz", "/metrics", "/proxyMode", "/statusz"];

    private readonly ILogger _logger = loggers.CreateLogger<StatusServer>();
    private readonly SocketFactory _sockets = new(options.Namespace);
    private readonly ProbeCounts _probes = new();
    private readonly ProcessMetrics _process = new();

    /// <summary>An address cannot be listened on, and that is fatal: reason and message of an event.</summary>
    public event Action<string, string>? Refused;

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="IOException">An address cannot be listened on, and that is to be fatal.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var health = ServeAsync("health", "FailedToStartProxierHealthcheck", options.HealthAddress, AnswerHealthAsync, stop.Token);
        var metrics = ServeAsync("metrics", "FailedToStartMetricServer", options.MetricsAddress, AnswerMetricsAsync, stop.Token);
        try
        {
            // Neither goes on without the other where that is fatal.
            await await Task.WhenAny(health, metrics);
            await Task.WhenAll(health, metrics);
        }
        catch (IOException)
        {
            await stop.CancelAsync();
            throw;
        }
    }

    /// <param name="reason">Of the event when the address is refused for good, as upstream's.</param>
    private async Task ServeAsync(string name, string reason, IPEndPoint? address, Func<string, CancellationToken, Task<TinyResponse>> answer, CancellationToken cancellationToken)
    {
        if (address is null)
        {
            return;
        }

        if (options.HardFail)
        {
            try
            {
                using var server = new TinyHttpServer(Listen(name, address), answer, time);
                await server.RunAsync(cancellationToken);
            }
            catch (IOException refused)
            {
                Refused?.Invoke(reason, refused.Message);
                throw;
            }

            return;
        }

        await BackgroundLoop.RunAsync(
            $"service proxy's {name} address {address}",
            async token =>
            {
                using var server = new TinyHttpServer(Listen(name, address), answer, time);
                await server.RunAsync(token);
            },
            _logger, time, cancellationToken);
    }

    private Socket Listen(string name, IPEndPoint address)
    {
        try
        {
            return _sockets.Listen(address);
        }
        catch (SocketException refused)
        {
            throw new IOException($"{name} address {address}: {refused.Message}", refused);
        }
    }

    private Task<TinyResponse> AnswerHealthAsync(string path, CancellationToken cancellationToken)
    {
        if (path is not ("/healthz" or "/livez"))
        {
            return Task.FromResult(TinyResponse.NotFound);
        }

        var response = Health(withNode: path == "/healthz");
        _probes.Add(path[1..], response.Code);
        return Task.FromResult(response);
    }

    /// <param name="withNode">/healthz counts the node's eligibility, /livez does not.</param>
    private TinyResponse Health(bool withNode)
    {
        var healthy = proxies.All(static proxy => proxy.IsHealthy);
        var eligible = proxies.All(static proxy => proxy.IsNodeEligible);
        var status = string.Join(',', proxies.Select(static proxy =>
            $$"""{{Text(proxy.IpFamily)}}:{"lastUpdated":{{Text($"{proxy.LastUpdated:O}")}},"healthy":{{Text(proxy.IsHealthy)}}}"""));
        var body = new StringBuilder("{")
            .Append($"\"lastUpdated\":{Text($"{proxies.Min(static proxy => proxy.LastUpdated):O}")},")
            .Append($"\"currentTime\":{Text($"{time.GetUtcNow():O}")},")
            .Append(withNode ? $"\"nodeEligible\":{Text(eligible)}," : "")
            .Append($"\"healthy\":{Text(healthy)},\"status\":{{{status}}}}}\n");
        return new(healthy && (eligible || !withNode) ? 200 : 503, "application/json", body.ToString());
    }

    private async Task<TinyResponse> AnswerMetricsAsync(string path, CancellationToken cancellationToken) => path switch
    {
        "/metrics" => new(200, "text/plain; version=0.0.4", await MetricsAsync(cancellationToken)),
        "/healthz" => proxies.All(static proxy => proxy.IsHealthy) ? new(200, "text/plain", "ok") : new(503, "text/plain", "not in sync"),
        "/proxyMode" => new(200, "text/plain", proxies[0].Mode.NameOf()),
        "/configz" when options.Configuration is { } configuration =>
            new(200, "application/json", $$"""{"kubeproxy.config.k8s.io":{{configuration}}}""" + "\n"),
        "/statusz" => new(200, PlainText, DebugPages.Status(MetricsPaths, time.GetUtcNow())),
        "/flagz" => new(200, PlainText, DebugPages.Flags(options.Flags)),
        _ => TinyResponse.NotFound,
    };

    private async Task<string> MetricsAsync(CancellationToken cancellationToken)
    {
        var text = new MetricsText();
        foreach (var proxy in proxies)
        {
            await proxy.WriteMetricsAsync(text, cancellationToken);
        }

        _probes.Write(text);
        options.RestClient?.Write(text);
        _process.Write(text);
        return text.ToString();
    }

    private static string Text(string value) => $"\"{value}\"";

    private static string Text(bool value) => value ? "true" : "false";
}
