namespace Portico.Controllers;

/// <summary>One control loop. It subscribes to the caches when it is made, before they are filled, and works once they are.</summary>
internal interface IController
{
    string Name { get; }

    /// <summary>Works until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
