using System.Text.RegularExpressions;
using Portico.Net.Namespaces;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Clusters;

internal static class PodNamespaces
{
    /// <summary>The network namespace of the pod with this address.</summary>
    public static async Task<NetworkNamespace> FindAsync(LocalCluster cluster, string address, CancellationToken cancellationToken)
    {
        foreach (var space in NetworkNamespace.List(cluster.NamespacePrefix + "pod-"))
        {
            var addresses = await Command.RunAsync("ip", ["-n", space.Name, "-4", "-o", "address"], null, cancellationToken);
            if (Regex.IsMatch(addresses.Output, $@"inet {Regex.Escape(address)}/"))
            {
                return space;
            }
        }

        throw new InvalidOperationException($"no pod namespace of {cluster.Name} has the address {address}");
    }
}
