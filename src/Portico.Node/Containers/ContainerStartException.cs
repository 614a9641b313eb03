namespace Portico.Node.Containers;

/// <summary>The container's program can't be started; trying again is up to the restart policy.</summary>
internal sealed class ContainerStartException(string message) : Exception(message);
