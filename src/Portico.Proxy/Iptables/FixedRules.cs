using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Portico.Proxy.Services;

namespace Portico.Proxy.Iptables;

/// <summary>What is there before the first Service.</summary>
internal sealed class FixedRules
{
    public const string DropInvalid = "-m conntrack --ctstate INVALID -j DROP";

    private const string New = "-m conntrack --ctstate NEW";

    public FixedRules(ServiceProxyOptions options)
    {
        var mark = "0x" + options.MasqueradeMark.ToString("x", CultureInfo.InvariantCulture);
        Chains = new()
        {
            [ChainId.Nat(ChainNames.MarkMasquerade)] = [$"-j MARK --set-xmark {mark}/{mark}"],
            [ChainId.Nat(ChainNames.Postrouting)] =
            [
                $"-m mark ! --mark {mark}/{mark} -j RETURN",
                $"-j MARK --set-xmark {mark}/0x0", // a packet that comes through here again is not translated twice
                "-m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully",
            ],
            [ChainId.Filter(ChainNames.Forward)] =
            [
                // An answer out of the window would leave with the pod's address, and the client resets (kubernetes#74839).
                .. options.ConntrackIsLiberal ? Array.Empty<string>() : [DropInvalid],
                $"-m comment --comment \"kubernetes forwarding rules\" -m mark --mark {mark}/{mark} -j ACCEPT",
                "-m comment --comment \"kubernetes forwarding conntrack rule\" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            ],
            [ChainId.Nat(ChainNames.Canary)] = [],
            [ChainId.Filter(ChainNames.Canary)] = [],
            [new("mangle", ChainNames.Canary)] = [],
        };
        Shared = new()
        {
            [ChainId.Nat(ChainNames.NodePorts)] = [],
            [ChainId.Nat(ChainNames.Services)] =
            [
                $"-m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" -m addrtype --dst-type LOCAL -j {ChainNames.NodePorts}",
            ],
            [ChainId.Filter(ChainNames.Services)] = [],
            [ChainId.Filter(ChainNames.ExternalServices)] = [],
            [ChainId.Filter(ChainNames.Firewall)] = [],
            [ChainId.Filter(ChainNames.NodePorts)] = options.Family == AddressFamily.InterNetwork
                ? ["! -s 127.0.0.0/8 -d 127.0.0.0/8 ! -i lo -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"] // where somebody set route_localnet, it opens loopback to the LAN (CVE-2020-8558)
                : [],
        };
    }

    /// <summary>Rules from the kernel's own chains to ours, in the order of each chain.</summary>
    public static readonly (ChainId From, string Match, string To)[] Jumps =
    [
        (ChainId.Nat("PREROUTING"), "", ChainNames.Services),
        (ChainId.Nat("OUTPUT"), "", ChainNames.Services),
        (ChainId.Nat("POSTROUTING"), "", ChainNames.Postrouting),
        (ChainId.Filter("INPUT"), New, ChainNames.Firewall),
        (ChainId.Filter("INPUT"), "", ChainNames.NodePorts),
        (ChainId.Filter("INPUT"), New, ChainNames.ExternalServices),
        (ChainId.Filter("FORWARD"), New, ChainNames.Firewall),
        (ChainId.Filter("FORWARD"), "", ChainNames.Forward),
        (ChainId.Filter("FORWARD"), New, ChainNames.Services),
        (ChainId.Filter("FORWARD"), New, ChainNames.ExternalServices),
        (ChainId.Filter("OUTPUT"), New, ChainNames.Firewall),
        (ChainId.Filter("OUTPUT"), New, ChainNames.Services),
        (ChainId.Filter("OUTPUT"), New, ChainNames.ExternalServices),
    ];

    /// <summary>A script with every match and target that a rule of ours may have, for <c>iptables-restore --test</c>.</summary>
    public static string Check(ServiceProxyOptions options)
    {
        var script = new RestoreScript();
        var rules = new FixedRules(options);
        foreach (var (chain, lines) in rules.Chains.Concat(rules.Shared))
        {
            script.Rewrite(chain, lines);
        }

        var address = options.Family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        var service = new Frontend
        {
            Key = new(address, TransportProtocol.Udp, 1), Kind = FrontendKind.LoadBalancer, Service = new("", "check"), PortName = "",
            Cluster = new EndpointAddress[] { new(address, 1, true), new(address, 2, true) }, Affinity = TimeSpan.FromSeconds(1),
        };
        foreach (var frontend in new[] { service, service with { Service = new("", "none"), Cluster = [] } })
        {
            var compiled = new PortCompiler(options).Compile(ServicePortId.Of(frontend), [frontend]);
            foreach (var (chain, lines) in compiled.Chains)
            {
                script.Rewrite(chain, lines);
            }

            foreach (var (chain, rule) in compiled.Entries)
            {
                script.Insert(chain, rule);
            }
        }

        return string.Concat(script.Write());
    }

    /// <summary>Chains that no Service changes.</summary>
    public Dictionary<ChainId, string[]> Chains { get; }

    /// <summary>Chains with entries of Services; what is here comes after those.</summary>
    public Dictionary<ChainId, string[]> Shared { get; }
}
