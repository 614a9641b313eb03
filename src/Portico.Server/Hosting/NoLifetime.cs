using Microsoft.Extensions.Hosting;

namespace Portico.Server.Hosting;

/// <summary>Leaves signals to the program: the default would take SIGTERM and Ctrl-C for itself.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
