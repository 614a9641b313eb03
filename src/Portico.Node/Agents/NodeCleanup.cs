using Portico.Net.Namespaces;
using Portico.Node.Records;

namespace Portico.Node.Agents;

/// <summary>Removes what a node agent left behind that can no longer be asked to. Both may be called again, and when there is nothing.</summary>
public static class NodeCleanup
{
    /// <summary>Ends the containers of one node and removes its pods' networks and files; the agent must not run.</summary>
    public static Task RunAsync(string clusterName, string stateDirectory, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            foreach (var (id, record) in new RecordStore(stateDirectory).Load())
            {
                foreach (var container in record?.Containers ?? [])
                {
                    container.Process.Kill();
                }

                Remove(new NetworkNamespace($"portico-{clusterName}-pod-{id}"));
            }

            if (Directory.Exists(stateDirectory))
            {
                Directory.Delete(stateDirectory, recursive: true);
            }
        },
        cancellationToken);

    /// <summary>The same for every pod of a cluster whose files may be lost; no agent of the cluster must run.</summary>
    public static Task RunAsync(string clusterName, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            foreach (var network in NetworkNamespace.List($"portico-{clusterName}-pod-"))
            {
                Remove(network);
            }
        },
        cancellationToken);

    private static void Remove(NetworkNamespace network)
    {
        // The veth pair goes with the namespace, and the namespace with its last process. There are no mounts outside the containers' own namespaces.
        NamespaceProcesses.Kill(network);
        network.Delete();
    }
}
