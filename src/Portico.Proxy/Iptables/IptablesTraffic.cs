using Portico.Net.Iptables;
using Portico.Proxy.Health;
using Portico.Proxy.Services;
using Portico.Proxy.Traffic;

namespace Portico.Proxy.Iptables;

/// <summary>
/// What the rules themselves have counted. A packet that comes to a rule of the table nat is the first of its connection, so these are connections: of a Service
/// port, by the rules that lead to its chains from others; of an endpoint, by the rule that translates.
/// </summary>
/// <param name="localhost">Connections to NodePorts on the loopback address: a listener takes them before the rules see them.</param>
internal sealed class IptablesTraffic(IIptables iptables, Func<long> localhost) : ITrafficCounters
{
    private static readonly string[] Tables = ["nat", "filter", "mangle"];

    public async Task WriteAsync(MetricsText text, string family, ServiceMap map, CancellationToken cancellationToken)
    {
        var rules = CountedRules.Parse(await iptables.SaveCountedAsync(cancellationToken));
        foreach (var table in Tables)
        {
            text.Gauge("kubeproxy_sync_proxy_rules_iptables_total", "Rules of the proxy.", $"{family},{MetricsText.Label("table", table)}", rules.PerTable.GetValueOrDefault(table));
        }

        text.Counter(
            "kubeproxy_iptables_ct_state_invalid_dropped_packets_total", "Packets dropped because they fit no connection.", family, rules.InvalidDropped);
        text.Counter(
            "kubeproxy_iptables_localhost_nodeports_accepted_packets_total", "Connections to NodePorts on the loopback address.", family, localhost());
        Sum(rules, map, family).Write(text);
    }

    private static TrafficTotals Sum(CountedRules rules, ServiceMap map, string family)
    {
        var totals = new TrafficTotals(family);
        var ports = map.Frontends.Select(ServicePortId.Of).Distinct().ToDictionary(ChainNames.PortHash);
        foreach (var (target, packets) in rules.Entries)
        {
            if (ports.TryGetValue(ChainNames.HashOf(target), out var port))
            {
                totals.Add(port, new((long)packets));
            }
        }

        foreach (var (chain, (endpoint, packets)) in rules.Translations)
        {
            if (rules.Owners.TryGetValue(chain, out var owner) && ports.TryGetValue(ChainNames.HashOf(owner), out var port))
            {
                totals.Add(port, endpoint, new((long)packets));
            }
        }

        return totals;
    }
}
