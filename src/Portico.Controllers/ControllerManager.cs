using Microsoft.Extensions.Logging;
using Portico.Client.Loops;
using Portico.Client.Requests;
using Portico.Controllers.Caches;
using Portico.Controllers.Deployments;
using Portico.Controllers.EndpointSlices;
using Portico.Controllers.GarbageCollection;
using Portico.Controllers.LegacyEndpoints;
using Portico.Controllers.Namespaces;
using Portico.Controllers.Nodes;
using Portico.Controllers.ReplicaSets;
using Portico.Controllers.Scheduling;

namespace Portico.Controllers;

/// <summary>The controllers and the scheduler of the embedded control plane, over one set of caches.</summary>
public static partial class ControllerManager
{
    /// <summary>Runs until cancelled. An API server that is not there yet, or goes away for a while, is waited for.</summary>
    /// <param name="client">May do everything (system:masters).</param>
    public static async Task RunAsync(
        KubernetesClient client, ControllerOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger("Portico.Controllers");
        var caches = new SharedCaches(client, logger, time);
        var context = new ControlContext(client, caches, options, loggers, time);
        IController[] controllers =
        [
            new EndpointSliceController(context),
            new ReplicaSetController(context),
            new DeploymentController(context),
            new Scheduler(context),
            new NodeNetworkController(context),
            new NodeMonitor(context),
            new NamespaceFurniture(context),
            new NamespaceController(context),
            new GarbageCollector(context),
            new EndpointsController(context),
        ];

        // All subscriptions are made; only now may the caches fill.
        var reflecting = caches.RunAsync(cancellationToken);
        var recording = context.Recorders.Select(recorder =>
            BackgroundLoop.RunAsync("event recorder", recorder.RunAsync, logger, time, cancellationToken)).ToList();
        try
        {
            await caches.Synced.WaitAsync(cancellationToken);
            LogStarted(logger, controllers.Length);
            await Task.WhenAll(controllers.Select(controller =>
                BackgroundLoop.RunAsync(controller.Name, controller.RunAsync, logger, time, cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop before the caches were full.
        }

        await Task.WhenAll([reflecting, .. recording]);
    }

    [LoggerMessage(3000, LogLevel.Information, "{Count} controllers run")]
    private static partial void LogStarted(ILogger logger, int count);
}
