using System.Diagnostics;
using System.Text;
using Portico.Net.Namespaces;
using Portico.Net.Processes;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>The layout of kube-proxy's nftables mode, as far as it decides about cost: for each Service a chain with an anonymous map, and a verdict that leads there.</summary>
internal static class KubeProxyLayout
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <returns>How long <c>nft</c> took to load it; null: longer than the limit.</returns>
    public static async Task<TimeSpan?> LoadAsync(NetworkNamespace inside, int services, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var script = Script(services);
        var started = Stopwatch.GetTimestamp();
        try
        {
            (await Command.RunAsync("nsenter", ["--net=" + inside.Path, "nft", "-f", "-"], script, 2 * Limit, limit.Token)).OrThrow("nft: the layout of kube-proxy");
            return Stopwatch.GetElapsedTime(started);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string Script(int services)
    {
        var text = new StringBuilder();
        text.Append("add table ip kube-proxy\n");
        text.Append("add set ip kube-proxy cluster-ips { type ipv4_addr ; }\n");
        text.Append("add map ip kube-proxy service-ips { type ipv4_addr . inet_proto . inet_service : verdict ; }\n");
        text.Append("add chain ip kube-proxy services\n");
        text.Append("add rule ip kube-proxy services ip daddr . meta l4proto . th dport vmap @service-ips\n");
        for (var i = 0; i < services; i++)
        {
            var (chain, address) = ($"service-{i:X8}-bench/s{i}/tcp/", ProxyHost.ClusterIP(i));
            text.Append($"add chain ip kube-proxy {chain}\n");
            text.Append($"add rule ip kube-proxy {chain} meta l4proto tcp dnat ip addr . port to numgen random mod 2 map {{ 0 : {ProxyHost.Endpoint(i * 2)} . 8080 , 1 : {ProxyHost.Endpoint((i * 2) + 1)} . 8080 }}\n");
            text.Append($"add element ip kube-proxy cluster-ips {{ {address} }}\n");
            text.Append($"add element ip kube-proxy service-ips {{ {address} . tcp . 80 : goto {chain} }}\n");
        }

        return text.ToString();
    }
}
