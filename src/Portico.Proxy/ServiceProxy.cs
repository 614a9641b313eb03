using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Events;
using Portico.Client.Loops;
using Portico.Net.Sockets;
using Portico.Proxy.Health;
using Portico.Proxy.Services;
using Portico.Proxy.Traffic;

namespace Portico.Proxy;

/// <summary>
/// The service proxy of one node and address family. Make it before the caches run; they are shared with other roles, and only read here.
/// </summary>
public sealed partial class ServiceProxy
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly ServiceProxyOptions _options;
    private readonly ObjectCache<Service> _services;
    private readonly EventRecorder? _events;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ServiceMapBuilder _builder;
    private readonly ProxyMetrics _metrics;
    private readonly ProxyHealth _health;
    private readonly SocketFactory _sockets;
    private volatile bool _busy;
    private volatile ITrafficCounters? _traffic;

    /// <param name="nodes">At least this proxy's own node.</param>
    /// <param name="events">Tells of what a Service asks for and cannot have; null: only the log does.</param>
    public ServiceProxy(
        ObjectCache<Service> services, ObjectCache<EndpointSlice> slices, ObjectCache<Node> nodes, ServiceProxyOptions options,
        ILoggerFactory loggers, TimeProvider time, EventRecorder? events = null)
    {
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<ServiceProxy>();
        _metrics = new(time, options.Mode, IpFamily);
        _health = new(time);
        _sockets = new(options.Namespace);
        _builder = new(services, slices, nodes, options);
        _services = services;
        _events = events;
        _builder.ServiceChanged += _metrics.ServiceChanged;
        _builder.EndpointsChanged += _metrics.EndpointsChanged;
    }

    /// <summary>What is (about to be) programmed: for explain, and for tests.</summary>
    public ServiceMap Map => _builder.Map;

    /// <summary>Everything that the caches held is in the kernel: no change waits or is being applied.</summary>
    public bool IsUpToDate => _health.IsSynced && !_busy && !_builder.Pending.Any;

    /// <summary>The rules follow the caches, or are not late yet. False until the first time.</summary>
    public bool IsHealthy => _health.IsHealthy;

    internal ProxyMode Mode => _options.Mode;

    internal string IpFamily => _options.Family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    internal bool IsNodeEligible => NodeEligibility.Of(_builder.Node);

    internal DateTimeOffset LastUpdated => _health.LastUpdated;

    /// <summary>Moves NodePorts to other addresses of the node; those of another family are left out.</summary>
    public void ServeNodePortsOn(IReadOnlyList<IPAddress> addresses) => _builder.NodePortAddresses = addresses;

    /// <summary>Removes everything that a proxy left in the kernel. Connections that are established then lose their way.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static Task CleanupAsync(ServiceProxyOptions options, CancellationToken cancellationToken) => ModeBackend.CleanupAsync(options, cancellationToken);

    /// <summary>Runs until cancelled. Rules stay in the kernel when it ends, so that a restart is not noticed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var healthChecks = new HealthCheckPorts(_sockets, _health, _logger, _time);
        healthChecks.Refused += OnHealthCheckRefused;
        await BackgroundLoop.RunAsync($"{IpFamily} service proxy", token => SyncAsync(healthChecks, token), _logger, _time, cancellationToken);
    }

    internal async Task WriteMetricsAsync(MetricsText text, CancellationToken cancellationToken)
    {
        _metrics.Write(text, _builder.Pending.Counts, CountNoLocalEndpoints());
        try
        {
            await (_traffic?.WriteAsync(text, _metrics.Family, Map, cancellationToken) ?? Task.CompletedTask);
        }
        catch (IOException failure)
        {
            LogUncounted(failure);
        }
    }

    private async Task SyncAsync(HealthCheckPorts healthChecks, CancellationToken cancellationToken)
    {
        await using var backend = new ModeBackend(_options, _metrics, _sockets, _logger, _time);
        await _builder.SyncedAsync(cancellationToken);
        _builder.Pending.AddEverything();
        _builder.Pending.AddResync();

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = BackgroundLoop.RunAsync("service proxy's rules", token => WatchAsync(backend, token), _logger, _time, stop.Token);
        var delay = FirstDelay;
        try
        {
            while (true)
            {
                await _builder.Pending.WaitAsync(cancellationToken);
                _health.Queued();
                _busy = true;
                var batch = _builder.Pending.Take();
                try
                {
                    await SyncOnceAsync(batch, backend, healthChecks, cancellationToken);
                    delay = FirstDelay;
                }
                catch (IOException failure)
                {
                    // Not left to the loop around: what the back end has established must live on.
                    _metrics.SyncFailed(batch.Resync);
                    LogFailed(failure, delay.TotalMilliseconds);
                    await Task.Delay(delay, _time, cancellationToken);
                    delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
                    _builder.Pending.AddEverything();
                    _builder.Pending.AddResync();
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await watch;
        }
    }

    private async Task WatchAsync(ModeBackend backend, CancellationToken cancellationToken)
    {
        await backend.WaitForForeignChangeAsync(cancellationToken);
        LogForeignChange();
        _builder.Pending.AddResync();
    }

    private async Task SyncOnceAsync(PendingChanges.Batch batch, ModeBackend backend, HealthCheckPorts healthChecks, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var before = _builder.Map.Plans;
        var (plans, changes) = _builder.Update(batch);
        foreach (var plan in plans)
        {
            foreach (var problem in plan.Problems.Except(before.GetValueOrDefault(plan.Service)?.Problems ?? []))
            {
                OnProblem(plan.Service, problem);
            }
        }

        if (batch.Resync)
        {
            await backend.ResyncAsync(_builder.Map, cancellationToken);
            _traffic = backend.Traffic;
        }
        else if (changes.Count > 0)
        {
            await backend.ApplyAsync(changes, cancellationToken);
            backend.Forget(changes, _builder.Map);
        }

        await healthChecks.UpdateAsync(plans, _builder.NodePortAddresses);
        _health.Synced(_builder.Pending.Any);
        _busy = false;
        _metrics.Synced(_time.GetElapsedTime(started), batch.Resync);
        foreach (var trigger in batch.Triggers)
        {
            _metrics.Programmed(_time.GetUtcNow() - trigger);
        }

        LogSynced(plans.Count, changes.Count, _time.GetElapsedTime(started).TotalMilliseconds);
    }

    private void OnProblem(ObjectKey key, string problem)
    {
        LogProblem(key, problem);
        if (_services.Get(key) is { } service)
        {
            _events?.Warning(service, "NotAsSpecified", problem);
        }
    }

    private void OnHealthCheckRefused(ObjectKey key, string why)
    {
        if (_services.Get(key) is { } service)
        {
            _events?.Warning(service, "FailedToStartServiceHealthcheck", why);
        }
    }

    private (int Internal, int External) CountNoLocalEndpoints()
    {
        var (inside, outside) = (0, 0);
        foreach (var frontend in _builder.Map.Frontends)
        {
            if (frontend.LocalPolicy && frontend.Local.Count == 0 && frontend.Cluster.Count > 0)
            {
                _ = frontend.Kind == FrontendKind.ClusterIP ? inside++ : outside++;
            }
        }

        return (inside, outside);
    }

    [LoggerMessage(5010, LogLevel.Debug, "{Services} services compiled, {Frontends} frontends changed in {Milliseconds:0.0} ms")]
    private partial void LogSynced(int services, int frontends, double milliseconds);

    [LoggerMessage(5013, LogLevel.Warning, "the rules could not be changed; reading them back in {Delay} ms")]
    private partial void LogFailed(Exception failure, double delay);

    [LoggerMessage(5011, LogLevel.Warning, "service {Service}: {Problem}")]
    private partial void LogProblem(ObjectKey service, string problem);

    [LoggerMessage(5014, LogLevel.Warning, "the counters of traffic cannot be read; they are missing among the metrics")]
    private partial void LogUncounted(Exception failure);

    [LoggerMessage(5012, LogLevel.Warning, "somebody else changed our rules; reading them back")]
    private partial void LogForeignChange();
}
