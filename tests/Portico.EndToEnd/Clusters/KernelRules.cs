using System.Text.RegularExpressions;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Clusters;

internal static class KernelRules
{
    /// <summary>All rules of a node's namespace, as nft prints them.</summary>
    /// <param name="node">From 1.</param>
    public static async Task<string> OfAsync(LocalCluster cluster, int node, CancellationToken cancellationToken) =>
        (await cluster.NodeNamespace(node).Run(() => Command.RunAsync("nft", ["list", "ruleset"], null, cancellationToken))).OrThrow("nft list ruleset").Output;

    public static bool Mention(string rules, string address) => Regex.IsMatch(rules, $@"(?<!\d){Regex.Escape(address)}(?!\d)");
}
