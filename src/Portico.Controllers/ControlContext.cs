using Microsoft.Extensions.Logging;
using Portico.Client.Events;
using Portico.Client.Requests;
using Portico.Controllers.Caches;

namespace Portico.Controllers;

/// <summary>What every controller gets.</summary>
internal sealed record ControlContext(
    KubernetesClient Client, SharedCaches Caches, ControllerOptions Options, ILoggerFactory Loggers, TimeProvider Time)
{
    private readonly List<EventRecorder> _recorders = [];

    /// <summary>The recorders that were asked for; somebody has to run them.</summary>
    public IReadOnlyList<EventRecorder> Recorders => _recorders;

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <param name="component">As upstream's components call themselves: kubectl prints it.</param>
    public EventRecorder Recorder(string component)
    {
        var recorder = new EventRecorder(Client, component, null, Loggers.CreateLogger("Portico.Controllers.Events"), Time);
        _recorders.Add(recorder);
        return recorder;
    }
}
