using Portico.EndToEnd.Clusters;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Lifecycle;

/// <summary>A test with clusters of its own.</summary>
[Collection("lifecycle")]
[Trait("Category", "Root")]
public abstract class LifecycleTest : IAsyncLifetime
{
    private readonly List<LocalCluster> _clusters = [];

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Needs.Root();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var cluster in _clusters)
        {
            await cluster.DisposeAsync();
        }
    }

    /// <summary>A cluster that does not run yet.</summary>
    protected LocalCluster New(LocalClusterOptions? options = null)
    {
        var cluster = new LocalCluster(options ?? new());
        _clusters.Add(cluster);
        return cluster;
    }

    protected async Task<LocalCluster> UpAsync(LocalClusterOptions? options = null)
    {
        var cluster = New(options);
        (await cluster.UpAsync([], Stop)).OrThrow("portico up");
        return cluster;
    }

    protected static int Supervisor(LocalCluster cluster)
    {
        var found = ClusterProcesses.Find(cluster).Where(static entry => entry.Role is "up" or "supervise").ToList();
        return found is [var one] ? one.Pid : throw new InvalidOperationException($"not one supervisor: {string.Join('\n', ClusterProcesses.Find(cluster))}");
    }

    protected static Task SignalAsync(string signal, int pid) => Command.RunAsync("kill", [signal, $"{pid}"], null, CancellationToken.None);

    protected static Task NothingIsLeftAsync(LocalCluster cluster) =>
        Eventually.GetAsync(
            $"nothing of {cluster.Name}", TimeSpan.FromSeconds(15), _ => Task.FromResult(string.Join('\n', MachineState.Of(cluster))), static left => left.Length == 0, CancellationToken.None);
}
