using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Portico.Proxy.Services;

namespace Portico.Proxy.Iptables;

/// <summary>The frontends of a Service port → its rules. Pure. README.md draws them.</summary>
internal sealed class PortCompiler(ServiceProxyOptions options)
{
    private readonly bool _ipv6 = options.Family == AddressFamily.InterNetworkV6;

    /// <param name="frontends">All of the same port, in an order that does not depend on the history.</param>
    public PortRules Compile(ServicePortId port, IReadOnlyList<Frontend> frontends)
    {
        var rules = new Rules(port);
        foreach (var frontend in frontends)
        {
            AddEntries(rules, frontend);
            if (frontend.HealthCheckPort is { } health)
            {
                // The host's firewall may know NodePorts only.
                rules.Entries.Add((ChainId.Filter(ChainNames.NodePorts), new RuleText()
                    .Protocol(TransportProtocol.Tcp).Comment($"{frontend.Service} health check node port").Port(TransportProtocol.Tcp, health).Jump("ACCEPT")));
            }
        }

        AddChoices(rules, frontends);
        return new(
            rules.Chains.ToImmutableDictionary(chain => chain.Key, chain => new ValueList<string>([.. chain.Value])),
            [.. rules.Entries]);
    }

    private void AddEntries(Rules rules, Frontend frontend)
    {
        var port = rules.Port;
        if (frontend.Cluster.Count == 0)
        {
            AddReject(rules, frontend);
            return;
        }

        if (frontend.LocalPolicy && frontend.Local.Count == 0)
        {
            // What may go elsewhere has been translated before.
            rules.Entries.Add((Refusals(frontend), Reaching(frontend, "has no local endpoints").Jump("DROP")));
        }

        if (frontend.Kind == FrontendKind.ClusterIP)
        {
            if (!frontend.LocalPolicy || frontend.Local.Count > 0)
            {
                var target = frontend.LocalPolicy ? ChainNames.Local(port) : ChainNames.Cluster(port);
                AddMasquerade(rules.Of(ChainId.Nat(target)), frontend);
                rules.Entries.Add((ChainId.Nat(ChainNames.Services), Reaching(frontend).Jump(target)));
            }
        }
        else if (frontend.AllowedSources is { } sources)
        {
            var chain = rules.Of(ChainId.Nat(ChainNames.Sources(port)));
            foreach (var network in sources)
            {
                chain.Add(new RuleText().From(network).To(frontend.Key.Address).Comment($"{port} allowed source").Jump(ChainNames.External(port)));
            }

            rules.Entries.Add((ChainId.Nat(ChainNames.Services), Reaching(frontend).Jump(ChainNames.Sources(port))));
            rules.Entries.Add((ChainId.Filter(ChainNames.Firewall), Reaching(frontend, "not an allowed source").Jump("DROP")));
        }
        else
        {
            var chain = frontend.Kind == FrontendKind.NodePort ? ChainNames.NodePorts : ChainNames.Services;
            rules.Entries.Add((ChainId.Nat(chain), Reaching(frontend).Jump(ChainNames.External(port))));
        }
    }

    private void AddReject(Rules rules, Frontend frontend)
    {
        var reject = $"REJECT --reject-with {Rejection(frontend)}";
        if (frontend.AllowedSources is not { } sources)
        {
            rules.Entries.Add((Refusals(frontend), Reaching(frontend, "has no endpoints").Jump(reject)));
            return;
        }

        var chain = rules.Of(ChainId.Filter(ChainNames.Sources(rules.Port)));
        foreach (var network in sources)
        {
            chain.Add(new RuleText().From(network).To(frontend.Key.Address).Protocol(frontend.Key.Protocol).Comment($"{rules.Port} has no endpoints").Jump(reject));
        }

        chain.Add(new RuleText().To(frontend.Key.Address).Comment($"{rules.Port} not an allowed source").Jump("DROP"));
        rules.Entries.Add((ChainId.Filter(ChainNames.Firewall), Reaching(frontend).Jump(ChainNames.Sources(rules.Port))));
    }

    private void AddMasquerade(List<string> chain, Frontend frontend)
    {
        if (options.MasqueradeAll)
        {
            chain.Add(Reaching(frontend).Jump(ChainNames.MarkMasquerade));
        }
        else if (options.Pods != LocalDetector.None)
        {
            chain.Add(new RuleText().From(options.Pods, not: true).To(frontend.Key.Address).In(options.Pods, not: true).Protocol(frontend.Key.Protocol)
                .Comment(Label(frontend)).Port(frontend.Key.Protocol, frontend.Key.Port).Jump(ChainNames.MarkMasquerade));
        }
    }

    private void AddChoices(Rules rules, IReadOnlyList<Frontend> frontends)
    {
        var port = rules.Port;
        var external = frontends.FirstOrDefault(static frontend => frontend.Kind != FrontendKind.ClusterIP && frontend.Cluster.Count > 0);
        if (external is not null)
        {
            AddExternal(rules.Of(ChainId.Nat(ChainNames.External(port))), port, external);
        }

        var known = new HashSet<EndpointAddress>();
        if ((external ?? frontends.FirstOrDefault(static frontend => !frontend.LocalPolicy)) is { Cluster.Count: > 0 } cluster)
        {
            AddChoice(rules, ChainNames.Cluster(port), cluster.Cluster, cluster, known);
        }

        if (frontends.FirstOrDefault(static frontend => frontend.LocalPolicy) is { Local.Count: > 0 } local)
        {
            AddChoice(rules, ChainNames.Local(port), local.Local, local, known);
        }
    }

    private void AddExternal(List<string> chain, ServicePortId port, Frontend frontend)
    {
        const string node = "addrtype --src-type LOCAL";
        if (frontend.Masquerade == Masquerade.Everybody)
        {
            chain.Add(new RuleText().Comment($"masquerade traffic for {port} external destinations").Jump(ChainNames.MarkMasquerade));
        }
        else
        {
            chain.Add(new RuleText().Comment($"masquerade LOCAL traffic for {port} external destinations").Match(node).Jump(ChainNames.MarkMasquerade));
        }

        if (!frontend.LocalPolicy)
        {
            chain.Add(new RuleText().Jump(ChainNames.Cluster(port)));
            return;
        }

        if (options.Pods != LocalDetector.None)
        {
            chain.Add(new RuleText().From(options.Pods).In(options.Pods).Comment($"pod traffic for {port} external destinations").Jump(ChainNames.Cluster(port)));
        }

        chain.Add(new RuleText().Comment($"route LOCAL traffic for {port} external destinations").Match(node).Jump(ChainNames.Cluster(port)));
        if (frontend.Local.Count > 0)
        {
            chain.Add(new RuleText().Jump(ChainNames.Local(port)));
        }
    }

    private void AddChoice(Rules rules, string name, ValueList<EndpointAddress> endpoints, Frontend frontend, HashSet<EndpointAddress> known)
    {
        var port = rules.Port;
        var chain = rules.Of(ChainId.Nat(name));
        if (frontend.Affinity is { } timeout)
        {
            var seconds = ((int)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            foreach (var endpoint in endpoints)
            {
                chain.Add(new RuleText().Comment($"{port} -> {endpoint}")
                    .Match($"recent --rcheck --seconds {seconds} --reap {Recent(port, endpoint)}").Jump(ChainNames.Endpoint(port, endpoint)));
            }
        }

        for (var index = 0; index < endpoints.Count; index++)
        {
            var rule = new RuleText().Comment($"{port} -> {endpoints[index]}");
            var left = endpoints.Count - index;
            chain.Add((left == 1 ? rule : frontend.Algorithm == Algorithm.RoundRobin ? rule.EveryNth(left) : rule.OneIn(left)).Jump(ChainNames.Endpoint(port, endpoints[index])));
        }

        foreach (var endpoint in endpoints)
        {
            if (known.Add(endpoint))
            {
                AddEndpoint(rules, endpoint, frontend.Affinity is not null);
            }
        }
    }

    private void AddEndpoint(Rules rules, EndpointAddress endpoint, bool sticky)
    {
        var chain = rules.Of(ChainId.Nat(ChainNames.Endpoint(rules.Port, endpoint)));
        chain.Add(new RuleText().From(new IPNetwork(endpoint.Address, _ipv6 ? 128 : 32)).Comment($"{rules.Port}").Jump(ChainNames.MarkMasquerade));
        var rule = new RuleText().Protocol(rules.Port.Protocol).Comment($"{rules.Port}");
        chain.Add((sticky ? rule.Match($"recent --set {Recent(rules.Port, endpoint)}") : rule).Jump($"DNAT --to-destination {endpoint}"));
    }

    private string Recent(ServicePortId port, EndpointAddress endpoint) =>
        $"--name {ChainNames.Endpoint(port, endpoint)} --mask {(_ipv6 ? "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "255.255.255.255")} --rsource";

    // ICMP errors are rate limited per destination; a reset always arrives.
    private string Rejection(Frontend frontend) =>
        frontend.Key.Protocol == TransportProtocol.Tcp ? "tcp-reset" : _ipv6 ? "icmp6-port-unreachable" : "icmp-port-unreachable";

    private static ChainId Refusals(Frontend frontend) =>
        ChainId.Filter(frontend.Kind == FrontendKind.ClusterIP ? ChainNames.Services : ChainNames.ExternalServices);

    private static RuleText Reaching(Frontend frontend, string? why = null) => new RuleText()
        .To(frontend.Key.Address).Protocol(frontend.Key.Protocol).Comment(why is null ? Label(frontend) : $"{ServicePortId.Of(frontend)} {why}").Port(frontend.Key.Protocol, frontend.Key.Port);

    private static string Label(Frontend frontend) => $"{ServicePortId.Of(frontend)} " + frontend.Kind switch
    {
        FrontendKind.ClusterIP => "cluster IP",
        FrontendKind.LoadBalancer => "loadbalancer IP",
        FrontendKind.ExternalIP => "external IP",
        _ => "node port",
    };

    private sealed class Rules(ServicePortId port)
    {
        public ServicePortId Port => port;

        public Dictionary<ChainId, List<string>> Chains { get; } = [];

        public HashSet<(ChainId, string)> Entries { get; } = [];

        public List<string> Of(ChainId chain)
        {
            if (!Chains.TryGetValue(chain, out var rules))
            {
                Chains[chain] = rules = [];
            }

            return rules;
        }
    }
}
