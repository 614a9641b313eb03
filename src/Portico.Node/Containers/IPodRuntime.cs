using Portico.Net.Processes;
using Portico.Node.Records;

namespace Portico.Node.Containers;

/// <summary>The world of a node agent: networks of pods and processes of containers.</summary>
internal interface IPodRuntime
{
    /// <summary>Makes the pod's network anew.</summary>
    Task CreateAsync(PodRecord pod, CancellationToken cancellationToken);

    /// <summary>The pod's network is still there, from this agent or an earlier one.</summary>
    bool Exists(PodRecord pod);

    Task RemoveAsync(PodRecord pod, CancellationToken cancellationToken);

    /// <exception cref="ContainerStartException">There is no such program.</exception>
    /// <exception cref="IOException">The system refused.</exception>
    ProcessIdentity Start(PodRecord pod, ContainerStart start);

    /// <summary>Completes with the exit code when the container has ended; at once when it did so before.</summary>
    Task<int> WaitAsync(ContainerRecord container, string exitFile, CancellationToken cancellationToken);

    /// <summary>SIGTERM to the container's program.</summary>
    /// <returns>False: the program is about to start, and can't be asked yet.</returns>
    bool TryTerminate(ContainerRecord container);

    /// <summary>SIGKILL to all processes of the container.</summary>
    void Kill(ContainerRecord container);

    /// <summary>Runs a command beside the container's program, with its environment.</summary>
    Task<ExecResult> ExecAsync(ContainerRecord container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken);
}
