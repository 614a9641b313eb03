using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Portico.Proxy.Services;

namespace Portico.Proxy.Nftables;

/// <summary>The static text of the table: sets, maps and chains. README.md draws it. All that belongs to a Service is an element.</summary>
internal sealed class Layout(ServiceProxyOptions options)
{
    public const string Table = "portico-proxy";

    public const string ClusterIPs = "cluster-ips";
    public const string BalancerIPs = "balancer-ips";
    public const string MasqueradeIPs = "masquerade-ips";
    public const string KeepClientIPs = "keep-client-ips";
    public const string RejectIPs = "reject-ips";
    public const string DropIPs = "drop-ips";
    public const string FirewallIPs = "firewall-ips";
    public const string AllowedSources = "allowed-sources";
    public const string HairpinConnections = "hairpin-connections";
    public const string ReturnPaths = "return-paths";
    public const string ServiceIPs = "service-ips";
    public const string OutsideIPs = "outside-ips";
    public const string AffinityTimeouts = "affinity-timeouts";
    public const string Endpoints = "endpoints";
    public const string ServicePorts = "service-ports";
    public const string Affinity = "affinity";
    public const string ExternalAffinity = "external-affinity";
    public const string ServiceConnections = "service-connections";
    public const string EndpointConnections = "endpoint-connections";

    /// <summary>Slots of policy Local begin here, so that both policies of a frontend share one map.</summary>
    public const int LocalSlots = 1 << 16;

    /// <summary>Sets that are kept equal to the plan, in the order in which elements are added: endpoints are there before what leads to them.</summary>
    public static readonly string[] Sets =
    [
        Endpoints, HairpinConnections, ReturnPaths, AllowedSources, FirewallIPs, MasqueradeIPs, KeepClientIPs, ServicePorts, AffinityTimeouts,
        OutsideIPs, ServiceIPs, ClusterIPs, BalancerIPs, RejectIPs, DropIPs,
    ];

    // Chains for more endpoints than this are added when the first such Service comes.
    private const int ReadyCounts = 32;

    // The same on every node, or they would not choose alike. Without one the kernel makes its own.
    private const string Seed = "0x706f7274";

    private const string Key = "DADDR . meta l4proto . th dport";
    private static readonly string[] Protocols = ["tcp", "udp", "sctp"];

    private readonly bool _ipv6 = options.Family == AddressFamily.InterNetworkV6;

    /// <summary>The chain that chooses among the frontend's endpoints of a policy; null when there are none.</summary>
    public static string? Choice(Frontend frontend, bool local)
    {
        var endpoints = local ? frontend.Local.Count : frontend.Cluster.Count;
        var chain = frontend.Algorithm switch
        {
            Algorithm.SourceHash => Counted("source-hash", local, MaglevTable.SizeFor(endpoints)),
            Algorithm.Maglev => Counted("maglev", local, MaglevTable.SizeFor(endpoints)),
            // Whose turn it is is kept in the rule, so each frontend needs one of its own.
            Algorithm.RoundRobin => Counted($"rotate-{NameOf(frontend.Key)}", local, endpoints),
            _ => Pick(local, endpoints),
        };
        return endpoints == 0 ? null : frontend.Affinity is null ? chain : AffinityChains.Sticky(chain, frontend.ChoosesApart);
    }

    /// <summary>Whether the chain serves one frontend alone, and so goes with it.</summary>
    public static bool IsOwned(string chain) => chain.Contains("rotate-", StringComparison.Ordinal);

    /// <summary>Everything that is there before the first Service. Running it again renews the rules in one step and keeps all elements.</summary>
    public string Base(IEnumerable<string> extraChains)
    {
        var script = new StringBuilder();
        script.Append($"add table FAMILY {Table}\n");
        AppendSets(script);
        var chains = StaticChains();
        foreach (var (name, hook, _) in chains)
        {
            script.Append(hook is null ? $"add chain FAMILY {Table} {name}\n" : $"add chain FAMILY {Table} {name} {{ type {hook} ; }}\n");
        }

        foreach (var (name, _, rules) in chains)
        {
            AppendRules(script, name, rules);
        }

        AppendFirstUse(script);
        for (var count = 1; count <= ReadyCounts; count++)
        {
            AppendCounted(script, Pick(false, count));
            AppendCounted(script, Pick(true, count));
        }

        foreach (var chain in extraChains)
        {
            AppendCounted(script, chain);
        }

        return Expand(script);
    }

    /// <summary>For a table that an older release left in a form that <see cref="Base"/> cannot be laid over.</summary>
    public string Replace(IEnumerable<string> extraChains) => Expand(new($"add table FAMILY {Table}\ndelete table FAMILY {Table}\n")) + Base(extraChains);

    public string Delete() => Expand(new($"add table FAMILY {Table}\ndelete table FAMILY {Table}\n"));

    public string Chains(IEnumerable<string> names)
    {
        var script = new StringBuilder();
        AppendFirstUse(script);
        foreach (var name in names)
        {
            AppendCounted(script, name);
        }

        return Expand(script);
    }

    /// <summary>Whether <see cref="Base"/> has the chain without being asked.</summary>
    public static bool IsReady(string chain) => chain.StartsWith("pick-", StringComparison.Ordinal) && CountOf(chain) <= ReadyCounts;

    /// <summary>Removes chains that nothing leads to any more.</summary>
    public string Remove(IReadOnlyCollection<string> chains)
    {
        var script = new StringBuilder();
        foreach (var chain in chains)
        {
            script.Append($"flush chain FAMILY {Table} {chain}\n");
        }

        foreach (var chain in chains)
        {
            script.Append($"delete chain FAMILY {Table} {chain}\n");
        }

        return Expand(script);
    }

    private static string Pick(bool local, int count) => Counted("pick", local, count);

    private static string Counted(string kind, bool local, int count) => string.Create(CultureInfo.InvariantCulture, $"{kind}{(local ? "-local" : "")}-{count}");

    private static string NameOf(FrontendKey key) =>
        $"{key.Address.ToString().Replace(':', '.')}-{key.Protocol.ToString().ToLowerInvariant()}-{key.Port.ToString(CultureInfo.InvariantCulture)}";

    private static void AppendSets(StringBuilder script)
    {
        const string frontend = "ADDR . inet_proto . inet_service";
        Set(ClusterIPs, "type ADDR");
        Set(BalancerIPs, "type ADDR");
        foreach (var name in new[] { MasqueradeIPs, KeepClientIPs, RejectIPs, DropIPs, FirewallIPs })
        {
            Set(name, $"type {frontend}");
        }

        Set(AllowedSources, $"type {frontend} . ADDR ; flags interval");
        Set(HairpinConnections, $"type ADDR . {frontend}");
        Map(ServiceIPs, $"type {frontend} : verdict");
        Map(OutsideIPs, $"type {frontend} : verdict");
        Map(AffinityTimeouts, $"type {frontend} : verdict");
        Map(ServicePorts, "type inet_proto . ADDR . inet_service : inet_proto . ADDR . inet_service");
        Map(ReturnPaths, $"type {frontend} : ADDR . inet_service");
        // "tcp" in the data stands for all protocols: with "th", nft 1.0.6 cannot read its own map back and refuses every later script.
        Map(Endpoints, $"typeof {Key} . numgen random mod 2 : DADDR . tcp dport");
        // The size bounds what clients can make the kernel remember; when it is full, new clients are simply not remembered.
        foreach (var name in new[] { Affinity, ExternalAffinity })
        {
            Map(name, "type ADDR . inet_proto . ADDR . inet_service : ADDR . inet_service ; flags dynamic,timeout ; size 262144 ; timeout 3h");
        }

        // Packets add to these; when one is full, those that are new to it are not counted. NftablesTraffic takes away what is gone.
        Set(ServiceConnections, $"type {frontend} ; flags dynamic ; size 262144");
        Set(EndpointConnections, $"type {frontend} . ADDR . inet_service ; flags dynamic ; size 262144");

        void Set(string name, string definition) => script.Append($"add set FAMILY {Table} {name} {{ {definition} ; }}\n");
        void Map(string name, string definition) => script.Append($"add map FAMILY {Table} {name} {{ {definition} ; }}\n");
    }

    private List<(string Name, string? Hook, string[] Rules)> StaticChains()
    {
        var mark = "0x" + options.MasqueradeMark.ToString("x8", CultureInfo.InvariantCulture);
        const string originalKey = "ct original DADDR . meta l4proto . ct original proto-dst";
        var masquerade = $"meta mark set meta mark or {mark}";
        // A connection comes through either hook for its source once, and only its first packet does. In userspace mode the forwarders count.
        string[] counting = options.Mode == ProxyMode.Nftables ? ["ct status dnat jump count"] : [];
        return
        [
            ("filter-prerouting-pre-dnat", "filter hook prerouting priority -110", ["ct state new jump firewall-check"]),
            ("filter-output-pre-dnat", "filter hook output priority -110", ["ct state new jump firewall-check"]),
            ("nat-prerouting", "nat hook prerouting priority -100", ["jump services"]),
            ("nat-output", "nat hook output priority -100", ["jump services"]),
            ("filter-input", "filter hook input priority 0", ["ct state new jump service-endpoints-check", "ct state new ct status dnat jump remember"]),
            ("filter-forward", "filter hook forward priority 0", NewConnections()),
            ("filter-output", "filter hook output priority 0", NewConnections()),
            // Before all masquerading, also that of others: an answer must not get the node's address.
            ("nat-return", "nat hook postrouting priority 90", [.. counting, "ct state new tcp flags & (syn | ack) == ack jump return-path"]),
            ("nat-input", "nat hook input priority 90", counting),
            ("nat-postrouting", "nat hook postrouting priority 100", ["jump masquerading"]),

            ("firewall-check", null, [$"{Key} @{FirewallIPs} {Key} . SADDR != @{AllowedSources} drop"]),
            ("services", null,
            [
                .. MasqueradeClusterIPs() is { } who ? new[] { $"DADDR @{ClusterIPs} {who}{masquerade}" } : [],
                $"{Key} @{MasqueradeIPs} {masquerade}",
                $"{Key} @{KeepClientIPs} jump keep-client",
                $"{Key} vmap @{ServiceIPs}",
            ]),
            // Pods and the node itself reach all endpoints, also of a Service whose externalTrafficPolicy is Local; others only those meant for outside.
            ("keep-client", null,
            [
                .. Pods("") is { } pods ? new[] { $"{pods} return" } : [],
                $"fib saddr type local {masquerade}",
                "fib saddr type local return",
                $"{Key} vmap @{OutsideIPs}",
                "accept",
            ]),
            ("service-endpoints-check", null, [$"{Key} @{RejectIPs} goto reject-chain", $"{Key} @{DropIPs} drop"]),
            ("cluster-ips-check", null,
            [
                $"DADDR @{ClusterIPs} goto reject-chain",
                // Where the address is the node's own, the node answers for its other ports.
                $"DADDR @{BalancerIPs} meta l4proto {{ tcp, udp, sctp }} fib daddr type != local goto reject-chain",
                // An address that the node itself has (a node-local DNS server) is no unowned ClusterIP.
                .. options.ServiceCidrs.Where(network => network.Contains(':', StringComparison.Ordinal) == _ipv6).Select(network => $"DADDR {network} fib daddr type != local drop"),
            ]),
            // ICMP errors are rate limited per destination (the first to a new peer is often lost); a reset always arrives.
            ("reject-chain", null, ["meta l4proto tcp reject with tcp reset", "reject"]),
            ("masquerading", null,
            [
                $"meta mark and {mark} != 0 meta mark set meta mark xor {mark} masquerade fully-random",
                // An endpoint that reaches itself through a Service must get its answer through the Service too.
                $"ct status dnat SADDR . {Key} @{HairpinConnections} masquerade fully-random",
            ]),
            // An endpoint goes on with a connection that this node has not seen: its address came here from another node, which had translated it.
            ("return-path", null, [$"SNAT to SADDR . meta l4proto . th sport map @{ReturnPaths}"]),
            ("remember", null, [.. Protocols.Select(protocol =>
                $"meta l4proto {protocol} {originalKey} vmap @{AffinityTimeouts}")]),
            ("count", null, [.. Protocols.SelectMany(protocol => new[]
            {
                $"meta l4proto {protocol} add @{ServiceConnections} {{ {originalKey} counter }}",
                $"meta l4proto {protocol} add @{EndpointConnections} {{ {originalKey} . DADDR . th dport counter }}",
            })]),
        ];

        static string[] NewConnections() =>
        [
            "ct state new jump service-endpoints-check",
            "ct state new jump cluster-ips-check",
            "ct state new ct status dnat jump remember",
        ];
    }

    // Traffic that this node itself sends comes in on no interface, so it is no pod's.
    private string? Pods(string isNot) => options.Pods switch
    {
        { Network: { } network } => $"SADDR {isNot}{network}",
        { Interface: { } name, IsPrefix: var prefix } => $"iifname {isNot}\"{name}{(prefix ? "*" : "")}\"",
        _ => null,
    };

    private string? MasqueradeClusterIPs() => options.MasqueradeAll ? "" : Pods("!= ") is { } others ? others + " " : null;

    // nft 1.0.6 puts "meta l4proto tcp", which it takes from the map's type, before the first rule of a script that uses the map. This chain
    // takes that upon itself; nothing leads to it.
    private static void AppendFirstUse(StringBuilder script)
    {
        script.Append($"add chain FAMILY {Table} first-use-of-endpoints\n");
        AppendRules(script, "first-use-of-endpoints", [$"DNAT to {Key} . numgen random mod 1 map @{Endpoints}"]);
    }

    private static void AppendCounted(StringBuilder script, string chain)
    {
        script.Append($"add chain FAMILY {Table} {chain}\n");
        var count = CountOf(chain);
        var local = chain.Contains("-local-", StringComparison.Ordinal);
        var offset = local ? $" offset {LocalSlots}" : "";
        // The second rule serves a packet that meets a change between the two look-ups: slot 0 is there as long as any is.
        AppendRules(script, chain, count == 1
            ? [Choose("numgen random", 1)]
            : [Choose(Selector(chain), count), Choose("numgen random", 1)]);

        string Choose(string selector, int of) => $"DNAT to {Key} . {selector} mod {of}{(selector[0] == 'j' ? " seed " + Seed : "")}{offset} map @{Endpoints}";
    }

    private static string Selector(string chain) => chain.Split('-')[0] switch
    {
        "rotate" => "numgen inc",
        "source" => "jhash SADDR",
        "maglev" => "jhash SADDR . th sport",
        _ => "numgen random",
    };

    private static void AppendRules(StringBuilder script, string chain, IEnumerable<string> rules)
    {
        script.Append($"flush chain FAMILY {Table} {chain}\n");
        foreach (var rule in rules)
        {
            script.Append($"add rule FAMILY {Table} {chain} {rule}\n");
        }
    }

    private static int CountOf(string chain) => int.Parse(chain.AsSpan(chain.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture);

    private string Expand(StringBuilder script) => script
        .Replace("DNAT to", _ipv6 ? "dnat ip6 addr . port to" : "dnat ip addr . port to")
        .Replace("SNAT to", _ipv6 ? "snat ip6 addr . port to" : "snat ip addr . port to")
        .Replace("ct original SADDR", _ipv6 ? "ct original ip6 saddr" : "ct original ip saddr")
        .Replace("ct original DADDR", _ipv6 ? "ct original ip6 daddr" : "ct original ip daddr")
        .Replace("SADDR", _ipv6 ? "ip6 saddr" : "ip saddr")
        .Replace("DADDR", _ipv6 ? "ip6 daddr" : "ip daddr")
        .Replace("ADDR", _ipv6 ? "ipv6_addr" : "ipv4_addr")
        .Replace("FAMILY", _ipv6 ? "ip6" : "ip")
        .ToString();
}
