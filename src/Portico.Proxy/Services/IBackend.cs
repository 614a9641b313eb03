namespace Portico.Proxy.Services;

/// <summary>What makes a service map come true on this node. One caller at a time.</summary>
internal interface IBackend
{
    /// <summary>Reads back what is there and brings it to the map: at the start, after an error, and after somebody else changed it.</summary>
    /// <exception cref="IOException">The world refused; call it again.</exception>
    Task ResyncAsync(ServiceMap map, CancellationToken cancellationToken);

    /// <summary>Brings what the last call left to the changed map.</summary>
    /// <exception cref="IOException">The world refused; <see cref="ResyncAsync"/> is needed.</exception>
    Task ApplyAsync(IReadOnlyList<FrontendChange> changes, CancellationToken cancellationToken);

    /// <summary>Completes when somebody else changed what is ours, so that <see cref="ResyncAsync"/> is needed.</summary>
    Task WaitForForeignChangeAsync(CancellationToken cancellationToken);
}
