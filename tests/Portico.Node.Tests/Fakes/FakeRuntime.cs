using System.Collections.Concurrent;
using Portico.Net.Processes;
using Portico.Node.Containers;
using Portico.Node.Records;

namespace Portico.Node.Tests.Fakes;

/// <summary>Containers that end when the test says so.</summary>
internal sealed class FakeRuntime : IPodRuntime
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<int>> _exits = [];
    private int _pid;

    public ConcurrentQueue<ContainerStart> Started { get; } = [];

    public bool Exists(PodRecord pod) => true;

    public Task CreateAsync(PodRecord pod, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveAsync(PodRecord pod, CancellationToken cancellationToken) => Task.CompletedTask;

    public ProcessIdentity Start(PodRecord pod, ContainerStart start)
    {
        var pid = Interlocked.Increment(ref _pid);
        _exits[pid] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Started.Enqueue(start);
        return new(pid, 1);
    }

    public Task<int> WaitAsync(ContainerRecord container, string exitFile, CancellationToken cancellationToken) => _exits[container.Pid].Task;

    public bool TryTerminate(ContainerRecord container) => _exits[container.Pid].TrySetResult(143) || true;

    public void Kill(ContainerRecord container) => _exits[container.Pid].TrySetResult(137);

    public Task<ExecResult> ExecAsync(ContainerRecord container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken) =>
        Task.FromResult(new ExecResult(0, ""));

    /// <summary>Ends the newest run.</summary>
    public void End(int exitCode) => _exits[_pid].TrySetResult(exitCode);
}
