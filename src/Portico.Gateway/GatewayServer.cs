using System.Net;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Client.Events;
using Portico.Client.Leases;
using Portico.Client.Loops;
using Portico.Client.Queues;
using Portico.Client.Requests;
using Portico.Gateway.Dataplane;
using Portico.Gateway.Dataplane.Kestrel;
using Portico.Gateway.Ingress;
using Portico.Gateway.Metrics;
using Portico.Gateway.Routing;

namespace Portico.Gateway;

/// <summary>One gateway: watches the API, serves what its Ingresses say, and drains when asked to end.</summary>
public sealed partial class GatewayServer(KubernetesClient client, GatewayOptions options, ILoggerFactory loggers, TimeProvider time)
{
    private readonly ILogger _logger = loggers.CreateLogger<GatewayServer>();
    private readonly TaskCompletionSource<KestrelHost> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs until cancelled, and then until open requests have ended or the drain timeout is over.</summary>
    /// <exception cref="IOException">A port can't be listened on.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var state = new GatewayState(DefaultCertificate.Create(time));
        var metrics = new MetricsRegistry();
        var draining = new Draining();
        using var pool = new UpstreamPool(options.ConnectTimeout);
        var pipeline = new GatewayPipeline(state, metrics, pool, draining, options.AccessLog, loggers.CreateLogger<GatewayPipeline>(), time);
        await using var host = new KestrelHost(options, state, pipeline, new HealthEndpoint(state, metrics, draining), loggers, time);
        await host.StartAsync(cancellationToken);
        _listening.TrySetResult(host);
        LogListening(host.EndPoint(ListenerRole.Http), host.EndPoint(ListenerRole.Https), host.EndPoint(ListenerRole.Health));

        // Endpoints go on changing while open requests finish, so the controller ends last.
        using var control = new CancellationTokenSource();
        var controlling = ControlAsync(state, metrics, control.Token);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await DrainAsync(host, draining);
        }

        await control.CancelAsync();
        await controlling;
    }

    /// <summary>Where a listener is, once it is open.</summary>
    internal async Task<IPEndPoint> EndPointAsync(ListenerRole role) => (await _listening.Task).EndPoint(role);

    private async Task ControlAsync(GatewayState state, MetricsRegistry metrics, CancellationToken cancellationToken)
    {
        var model = new ClusterModel(options.ControllerName, state, metrics);
        var reports = new WorkQueue<ObjectKey>("ingress status", _logger, time);
        var controller = new IngressController(client, model, reports.Add, loggers.CreateLogger<IngressController>(), time);
        var events = new EventRecorder(client, "portico-gateway", options.Identity, _logger, time);
        var reporter = new IngressReporter(client, model, controller.Ingresses.Cache, controller.Services.Cache, PublishService(), events, reports);
        var election = new LeaderElection(
            client, new() { Key = new(options.LeaseNamespace, "portico-gateway"), Identity = options.Identity }, _logger, time);
        await Task.WhenAll(
            controller.RunAsync(cancellationToken),
            events.RunAsync(cancellationToken),
            BackgroundLoop.RunAsync("ingress status", token => election.RunAsync(reporter.RunAsync, token), _logger, time, cancellationToken));
    }

    private ObjectKey? PublishService() => options.PublishService?.Split('/') is [var space, var name] ? new(space, name) : null;

    private async Task DrainAsync(KestrelHost host, Draining draining)
    {
        LogDraining(options.DrainDelay.TotalSeconds, options.DrainTimeout.TotalSeconds);
        draining.Begin();
        await Task.Delay(options.DrainDelay, time, CancellationToken.None);
        await host.StopAsync();
        LogEnded();
    }

    [LoggerMessage(7000, LogLevel.Information, "gateway listens: http {Http}, https {Https}, health {Health}")]
    private partial void LogListening(IPEndPoint http, IPEndPoint https, IPEndPoint health);

    [LoggerMessage(7002, LogLevel.Information, "draining: {Delay} s for others to notice, then up to {Timeout} s for open requests")]
    private partial void LogDraining(double delay, double timeout);

    [LoggerMessage(7003, LogLevel.Information, "gateway ended")]
    private partial void LogEnded();
}
