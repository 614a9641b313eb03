using System.Security.Cryptography;
using System.Text;
using Portico.Proxy.Services;

namespace Portico.Proxy.Iptables;

/// <summary>Names as kube-proxy has them, so that tools and people recognise them, and so that we can take over from it.</summary>
internal static class ChainNames
{
    public const string Services = "KUBE-SERVICES";
    public const string ExternalServices = "KUBE-EXTERNAL-SERVICES";
    public const string NodePorts = "KUBE-NODEPORTS";
    public const string Postrouting = "KUBE-POSTROUTING";
    public const string MarkMasquerade = "KUBE-MARK-MASQ";
    public const string Forward = "KUBE-FORWARD";
    public const string Firewall = "KUBE-PROXY-FIREWALL";
    public const string Canary = "KUBE-PROXY-CANARY";

    private const string ClusterPrefix = "KUBE-SVC-";
    private const string LocalPrefix = "KUBE-SVL-";
    private const string ExternalPrefix = "KUBE-EXT-";
    private const string SourcesPrefix = "KUBE-FW-";
    private const string EndpointPrefix = "KUBE-SEP-";
    private const int HashLength = 16;

    // KUBE-FIREWALL and KUBE-KUBELET-CANARY are the kubelet's.
    private static readonly string[] OfAll = [Services, ExternalServices, NodePorts, Postrouting, MarkMasquerade, Forward, Firewall, Canary];

    // What a chain leads to comes before it.
    private static readonly string[] Prefixes = [EndpointPrefix, ClusterPrefix, LocalPrefix, ExternalPrefix, SourcesPrefix];

    public static string Cluster(ServicePortId port) => ClusterPrefix + Hash(port, "");

    public static string Local(ServicePortId port) => LocalPrefix + Hash(port, "");

    public static string External(ServicePortId port) => ExternalPrefix + Hash(port, "");

    public static string Sources(ServicePortId port) => SourcesPrefix + Hash(port, "");

    public static string Endpoint(ServicePortId port, EndpointAddress endpoint) => EndpointPrefix + Hash(port, endpoint.ToString());

    /// <summary>What all chains of a Service port end in, but those of its endpoints.</summary>
    public static string PortHash(ServicePortId port) => Hash(port, "");

    /// <summary>What the name of a chain ends in.</summary>
    public static string HashOf(string name) => name[(name.LastIndexOf('-') + 1)..];

    public static bool IsOwn(string name) => IsOfServicePort(name) || OfAll.Contains(name);

    public static bool IsOfEndpoint(ReadOnlySpan<char> name) => name.StartsWith(EndpointPrefix);

    /// <summary>Whether a chain leads to endpoints of one Service port, whoever comes there.</summary>
    public static bool IsChoice(ReadOnlySpan<char> name) => name.StartsWith(ClusterPrefix) || name.StartsWith(LocalPrefix) || name.StartsWith(ExternalPrefix);

    /// <summary>Whether a chain belongs to a Service port, by its name.</summary>
    public static bool IsOfServicePort(string name) => Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Chains may lead to others of lower rank only.</summary>
    public static int Rank(string name) => 1 + Array.FindIndex(Prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is > 0 and var rank
        ? rank
        : name is MarkMasquerade ? 0 : name is Services ? Prefixes.Length + 2 : Prefixes.Length + 1;

    // Upstream's portProtoHash and servicePortEndpointChainName (pkg/proxy/iptables/proxier.go).
    private static string Hash(ServicePortId port, string endpoint)
    {
        const string base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{port}{port.Protocol.ToString().ToLowerInvariant()}{endpoint}"));
        return string.Create(HashLength, digest, static (text, bytes) =>
        {
            for (var index = 0; index < text.Length; index++)
            {
                var (first, shift) = (index * 5 / 8, 11 - (index * 5 % 8));
                text[index] = base32[(((bytes[first] << 8) | bytes[first + 1]) >> shift) & 31];
            }
        });
    }
}
