using Portico.Net.Namespaces;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Lifecycle;

/// <summary>What the machine itself looks like.</summary>
internal static class MachineState
{
    /// <summary>Firewall, addresses and routes of the machine's own namespace, without what changes by itself.</summary>
    public static async Task<string> OfNetworkAsync(CancellationToken cancellationToken)
    {
        var rules = (await Command.RunAsync("nft", ["list", "ruleset"], null, cancellationToken)).OrThrow("nft list ruleset").Output;
        // Lifetimes of addresses count down.
        var addresses = (await Command.RunAsync("ip", ["-o", "address"], null, cancellationToken)).OrThrow("ip address").Output;
        var routes = (await Command.RunAsync("ip", ["route"], null, cancellationToken)).OrThrow("ip route").Output;
        var routes6 = (await Command.RunAsync("ip", ["-6", "route"], null, cancellationToken)).OrThrow("ip -6 route").Output;
        return string.Join("\n--\n", rules, WithoutLifetimes(addresses), routes, routes6);
    }

    /// <summary>Namespaces, processes and mounts of a cluster; empty when nothing is left.</summary>
    public static IReadOnlyList<string> Of(LocalCluster cluster) =>
    [
        .. NetworkNamespace.List(cluster.NamespacePrefix).Select(static space => $"namespace {space.Name}"),
        .. ClusterProcesses.Find(cluster).Select(static entry => $"process {entry}"),
        .. File.ReadLines("/proc/self/mounts").Where(line => line.Contains(cluster.NamespacePrefix, StringComparison.Ordinal) || line.Contains(cluster.Home, StringComparison.Ordinal))
            .Select(static line => $"mount {line}"),
    ];

    private static string WithoutLifetimes(string addresses) =>
        string.Join('\n', addresses.Split('\n').Select(static line => line.IndexOf("valid_lft", StringComparison.Ordinal) is > 0 and var at ? line[..at] : line));
}
