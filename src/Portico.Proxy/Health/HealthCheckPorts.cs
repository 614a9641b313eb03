using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Net.Sockets;
using Portico.Proxy.Services;

namespace Portico.Proxy.Health;

/// <summary>
/// One HTTP answer per healthCheckNodePort: 200 where the Service has ready endpoints on this node, so that a balancer outside sends only there.
/// One caller at a time.
/// </summary>
internal sealed partial class HealthCheckPorts(SocketFactory sockets, ProxyHealth health, ILogger logger, TimeProvider time) : IAsyncDisposable
{
    private readonly Dictionary<ObjectKey, Served> _served = [];

    /// <summary>A Service's health check cannot be listened on; the text says where and why.</summary>
    public event Action<ObjectKey, string>? Refused;

    /// <param name="changed">Plans that are new or changed; one without a health check ends it.</param>
    /// <param name="addresses">Where to listen. When they change, all plans are in <paramref name="changed"/>.</param>
    public async Task UpdateAsync(IEnumerable<ServicePlan> changed, IReadOnlyList<IPAddress> addresses)
    {
        foreach (var plan in changed)
        {
            if (_served.TryGetValue(plan.Service, out var served) && (plan.HealthCheck?.Port != served.Port || !served.Addresses.SequenceEqual(addresses)))
            {
                _served.Remove(plan.Service);
                await served.DisposeAsync();
                served = null;
            }

            if (plan.HealthCheck is { } check)
            {
                if (served is null)
                {
                    _served[plan.Service] = served = Start(plan.Service, check.Port, addresses);
                }

                served.LocalEndpoints = check.LocalEndpoints;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var served in _served.Values)
        {
            await served.DisposeAsync();
        }
    }

    private Served Start(ObjectKey service, int port, IReadOnlyList<IPAddress> addresses)
    {
        var served = new Served(port, addresses);
        foreach (var address in addresses)
        {
            try
            {
                served.Add(new(sockets.Listen(new(address, port)), (_, _) => Task.FromResult(Answer(service, served.LocalEndpoints)), time));
            }
            catch (Exception refused) when (refused is SocketException or IOException)
            {
                LogNotServed(refused, service, port, address);
                Refused?.Invoke(service, $"node health check port {port} on {address}: {refused.Message}");
            }
        }

        return served;
    }

    private TinyResponse Answer(ObjectKey service, int endpoints)
    {
        var healthy = health.IsHealthy;
        var body = $$"""{"service":{"namespace":"{{service.Namespace}}","name":"{{service.Name}}"},"localEndpoints":{{endpoints}},"serviceProxyHealthy":{{(healthy ? "true" : "false")}}}""";
        return new(endpoints > 0 && healthy ? 200 : 503, "application/json", body) { Header = $"X-Load-Balancing-Endpoint-Weight: {endpoints}" };
    }

    [LoggerMessage(5030, LogLevel.Warning, "service {Service}: spec.healthCheckNodePort: {Port} on {Address} cannot be listened on")]
    private partial void LogNotServed(Exception reason, ObjectKey service, int port, IPAddress address);

    private sealed class Served(int port, IReadOnlyList<IPAddress> addresses) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly List<(TinyHttpServer Server, Task Run)> _servers = [];
        private volatile int _localEndpoints;

        public int Port => port;

        public IReadOnlyList<IPAddress> Addresses => addresses;

        public int LocalEndpoints
        {
            get => _localEndpoints;
            set => _localEndpoints = value;
        }

        public void Add(TinyHttpServer server) => _servers.Add((server, server.RunAsync(_stop.Token)));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            foreach (var (server, run) in _servers)
            {
                await run;
                server.Dispose();
            }

            _stop.Dispose();
        }
    }
}
