using System.Net;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Proxy.Nodes;

namespace Portico.Proxy.Configuration;

/// <summary>What kube-proxy is told by its file and flags. Immutable, complete and valid: made by <see cref="ConfigurationReader"/>.</summary>
public sealed class KubeProxyConfiguration
{
    public const string ApiVersion = "kubeproxy.config.k8s.io/v1alpha1";
    public const string Kind = "KubeProxyConfiguration";

    private readonly IReadOnlyDictionary<string, JsonNode> _values;

    internal KubeProxyConfiguration(IReadOnlyDictionary<string, JsonNode> values) => _values = values;

    /// <summary>Null: the service account of this pod.</summary>
    public string? Kubeconfig => Text("clientConnection.kubeconfig");

    public string? HostnameOverride => Text("hostnameOverride");

    /// <summary>The node's primary address when it is not 0.0.0.0 or [::].</summary>
    public IPAddress BindAddress => IPAddress.Parse(Text("bindAddress")!);

    public IPEndPoint? HealthzBindAddress => EndPoint("healthzBindAddress");

    public IPEndPoint? MetricsBindAddress => EndPoint("metricsBindAddress");

    public bool BindAddressHardFail => Flag("bindAddressHardFail");

    public bool AsksForIpvs => Text("mode") == ProxyModes.Ipvs;

    /// <summary>Nftables when nothing is said, and in the place of IPVS.</summary>
    public ProxyMode Mode => Text("mode") is { } text && ProxyModes.TryParse(text, out var mode) ? mode : ProxyMode.Nftables;

    public string DetectLocalMode => Text("detectLocalMode") ?? "ClusterCIDR";

    public string? BridgeInterface => Text("detectLocal.bridgeInterface");

    public string? InterfaceNamePrefix => Text("detectLocal.interfaceNamePrefix");

    /// <summary>One of each family at most.</summary>
    public IReadOnlyList<string> ClusterCidrs => Text("clusterCIDR")?.Split(',', StringSplitOptions.TrimEntries) ?? [];

    /// <summary>Networks and the words that <see cref="NodePortNetworks"/> knows. Where nothing is said, NodePorts are as wide as upstream has them in that mode.</summary>
    public IReadOnlyList<string> NodePortAddresses =>
        _values.GetValueOrDefault("nodePortAddresses") is JsonArray { Count: > 0 } items ? [.. items.Select(static item => (string)item!)]
        : Mode == ProxyMode.Iptables ? [NodePortNetworks.All]
        : [NodePortNetworks.Primary, NodePortNetworks.Localhost];

    public int OomScoreAdjust => Integer("oomScoreAdj");

    public bool LocalhostNodePorts => Flag("iptables.localhostNodePorts");

    public ConntrackSettings Conntrack => new()
    {
        MaxPerCore = Integer("conntrack.maxPerCore"),
        Min = Integer("conntrack.min"),
        TcpEstablishedTimeout = Duration("conntrack.tcpEstablishedTimeout"),
        TcpCloseWaitTimeout = Duration("conntrack.tcpCloseWaitTimeout"),
        TcpBeLiberal = Flag("conntrack.tcpBeLiberal"),
        UdpTimeout = Duration("conntrack.udpTimeout"),
        UdpStreamTimeout = Duration("conntrack.udpStreamTimeout"),
    };

    public int Verbosity => Integer("logging.verbosity");

    public uint MasqueradeMark => 1u << Integer($"{Section}.masqueradeBit");

    public bool MasqueradeAll => Flag($"{Section}.masqueradeAll");

    /// <summary>The whole document as YAML, as <c>--write-config-to</c> writes it.</summary>
    public string ToYaml() => YamlText.Write(ToJson());

    /// <summary>The whole document, with defaults.</summary>
    public JsonObject ToJson()
    {
        var root = new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = Kind };
        foreach (var (path, value) in _values.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            var at = root;
            var names = path.Split('.');
            foreach (var name in names[..^1])
            {
                at = (JsonObject)(at[name] ??= new JsonObject());
            }

            at[names[^1]] = value.DeepClone();
        }

        return root;
    }

    // Userspace mode stands on the nftables rules.
    private string Section => Mode == ProxyMode.Iptables ? "iptables" : "nftables";

    private string? Text(string path) => JsonScalars.TryText(_values.GetValueOrDefault(path), out var text) && text.Length > 0 ? text : null;

    private bool Flag(string path) => (bool)_values[path];

    private int Integer(string path) => JsonScalars.TryInteger(_values[path], out var number) ? (int)number : 0;

    private TimeSpan Duration(string path) => GoDuration.TryParse((string)_values[path]!, out var duration) ? duration : default;

    private IPEndPoint? EndPoint(string path) => Text(path) is { } text ? IPEndPoint.Parse(text) : null;
}
