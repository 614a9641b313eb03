using System.Net;
using Portico.Proxy.Configuration;

namespace Portico.Proxy.Tests.Configuration;

public sealed class ConfigurationReaderTests : IDisposable
{
    // As kubeadm writes it into the ConfigMap kube-proxy.
    private const string Kubeadm = """
        apiVersion: kubeproxy.config.k8s.io/v1alpha1
        bindAddress: 0.0.0.0
        bindAddressHardFail: false
        clientConnection: {acceptContentTypes: "", burst: 0, contentType: "", kubeconfig: /var/lib/kube-proxy/kubeconfig.conf, qps: 0}
        clusterCIDR: 10.244.0.0/16
        configSyncPeriod: 0s
        conntrack: {maxPerCore: null, min: null, tcpBeLiberal: false, tcpCloseWaitTimeout: null, tcpEstablishedTimeout: null, udpStreamTimeout: 0s, udpTimeout: 0s}
        detectLocal: {bridgeInterface: "", interfaceNamePrefix: ""}
        detectLocalMode: ""
        enableProfiling: false
        healthzBindAddress: ""
        hostnameOverride: ""
        iptables: {localhostNodePorts: null, masqueradeAll: false, masqueradeBit: null, minSyncPeriod: 0s, syncPeriod: 0s}
        ipvs: {excludeCIDRs: null, minSyncPeriod: 0s, scheduler: "", strictARP: false, syncPeriod: 0s, tcpFinTimeout: 0s, tcpTimeout: 0s, udpTimeout: 0s}
        kind: KubeProxyConfiguration
        logging: {flushFrequency: 0, options: {json: {infoBufferSize: "0"}, text: {infoBufferSize: "0"}}, verbosity: 0}
        metricsBindAddress: ""
        mode: ""
        nftables: {masqueradeAll: false, masqueradeBit: null, minSyncPeriod: 0s, syncPeriod: 0s}
        nodePortAddresses: null
        oomScoreAdj: null
        portRange: ""
        showHiddenMetricsForVersion: ""
        winkernel: {enableDSR: false, forwardHealthCheckVip: false, networkName: "", rootHnsEndpointName: "", sourceVip: ""}
        """;

    private readonly string _file = Path.GetTempFileName();
    private readonly List<string> _warnings = [];

    [Fact]
    public void Read_Kubeadm_ZerosMeanDefaults()
    {
        var read = File(Kubeadm);

        Assert.Equal("/var/lib/kube-proxy/kubeconfig.conf", read.Kubeconfig);
        Assert.Equal(["10.244.0.0/16"], read.ClusterCidrs);
        Assert.Equal(IPEndPoint.Parse("0.0.0.0:10256"), read.HealthzBindAddress);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:10249"), read.MetricsBindAddress);
        Assert.Equal("ClusterCIDR", read.DetectLocalMode);
        Assert.Equal(-999, read.OomScoreAdjust);
        Assert.Equal(1u << 14, read.MasqueradeMark);
        Assert.Equal(32768, read.Conntrack.MaxPerCore);
        Assert.Equal(TimeSpan.FromDays(1), read.Conntrack.TcpEstablishedTimeout);
        Assert.Equal(["logging.options"], _warnings.Select(static warning => warning.Split(' ')[1]));
    }

    [Fact]
    public void Read_Flags_AllOfThemCount()
    {
        var read = Flags("--masquerade-all", "--iptables-masquerade-bit=5", "--cluster-cidr=10.1.0.0/16,fd00::/64", "--nodeport-addresses=10.0.0.0/8,fd00::/8",
            "--metrics-bind-address=", "--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=1h30m", "--hostname-override=n1", "--proxy-mode=userspace");

        Assert.True(read.MasqueradeAll);
        Assert.Equal(1u << 5, read.MasqueradeMark);
        Assert.Equal(["10.1.0.0/16", "fd00::/64"], read.ClusterCidrs);
        Assert.Equal(["10.0.0.0/8", "fd00::/8"], read.NodePortAddresses);
        Assert.Null(read.MetricsBindAddress);
        Assert.Equal(0, read.Conntrack.MaxPerCore);
        Assert.Equal(TimeSpan.FromMinutes(90), read.Conntrack.TcpEstablishedTimeout);
        Assert.Equal("n1", read.HostnameOverride);
        Assert.Equal(ProxyMode.Userspace, read.Mode);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Read_FileAndFlags_FileDecidesButForNameLogLevelAndMissingKubeconfig()
    {
        System.IO.File.WriteAllText(_file, Head + "hostnameOverride: a\nmode: userspace\n");

        var read = ConfigurationReader.Read(
            _file,
            new Dictionary<string, string> { ["hostname-override"] = "b", ["v"] = "4", ["kubeconfig"] = "/k", ["proxy-mode"] = "nftables" },
            _warnings);

        Assert.Equal(("b", 4, "/k", ProxyMode.Userspace), (read.HostnameOverride, read.Verbosity, read.Kubeconfig, read.Mode));
        Assert.Equal("--proxy-mode has no effect: with --config, the file decides", Assert.Single(_warnings));
    }

    [Fact]
    public void Read_KnownWithoutEffect_OneLineEach()
    {
        File(Head + "enableProfiling: true\nipvs: {scheduler: sh, strictARP: false}\nconfigSyncPeriod: 15m0s\nfeatureGates: {Foo: true}\n");
        Flags("--kube-api-qps=7");

        Assert.Equal(
            [$"{_file}: enableProfiling has no effect in Portico", $"{_file}: ipvs.scheduler has no effect in Portico", $"{_file}: featureGates has no effect in Portico",
                "--kube-api-qps has no effect in Portico"],
            _warnings);
    }

    [Theory]
    [InlineData("iptables: {masquerade: true}", "field iptables.masquerade is unknown")]
    [InlineData("clustercidr: x", "field clustercidr is unknown")]
    [InlineData("iptables: 5", "iptables: 5 is no mapping")]
    [InlineData("conntrack: {min: many}", "conntrack.min: \"many\" is no whole number")]
    [InlineData("conntrack: {udpTimeout: 5}", "conntrack.udpTimeout: 5 is no duration, as \"30s\" or \"1h30m\"")]
    [InlineData("iptables: {masqueradeBit: 32}", "iptables.masqueradeBit: 32 is outside 0-31")]
    [InlineData("mode: kernelspace", "mode: \"kernelspace\": must be nftables")]
    [InlineData("healthzBindAddress: \":10256\"", "healthzBindAddress: \":10256\": must be IP:port, as 0.0.0.0:10256")]
    [InlineData("clusterCIDR: 10.0.0.0/8,11.0.0.0/8", "clusterCIDR: \"10.0.0.0/8,11.0.0.0/8\": must be a network")]
    [InlineData("detectLocalMode: BridgeInterface", "detectLocal.bridgeInterface: detectLocalMode BridgeInterface needs it")]
    [InlineData("detectLocal: {interfaceNamePrefix: 'veth\" drop'}", "detectLocal.interfaceNamePrefix: \"veth\" drop\": is no interface's name")]
    [InlineData("nodePortAddresses: [primary, secondary]", "nodePortAddresses: \"secondary\": must be a network, as 192.168.0.0/16, or primary, localhost or all")]
    [InlineData("healthzBindAddress: \"10256\"", "healthzBindAddress: \"10256\": must be IP:port, as 0.0.0.0:10256")]
    public void Read_Mistake_NamesTheField(string line, string expected)
    {
        var refused = Assert.Throws<InvalidDataException>(() => File(Head + line + "\n"));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralMistakes_NamesAll()
    {
        var refused = Assert.Throws<InvalidDataException>(() => File(Head + "foo: 1\nbar: {x: 1}\noomScoreAdj: 5000\n"));

        Assert.Contains("field foo is unknown", refused.Message, StringComparison.Ordinal);
        Assert.Contains("field bar is unknown", refused.Message, StringComparison.Ordinal);
        Assert.Contains("oomScoreAdj: 5000 is outside -1000-1000", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnotherKind_Refused() =>
        Assert.Contains("apiVersion and kind must be", Assert.Throws<InvalidDataException>(() => File("apiVersion: v1\nkind: Pod\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void ToYaml_ReadAgain_SaysTheSame()
    {
        var flags = Flags("--masquerade-all", "--cluster-cidr=10.1.0.0/16", "--nodeport-addresses=10.0.0.0/8", "--conntrack-udp-timeout=90s", "--oom-score-adj=0");

        var again = File(flags.ToYaml());

        Assert.Equal(flags.ToJson().ToJsonString(), again.ToJson().ToJsonString());
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Read_Ipvs_NftablesStandsInAndIsSaid()
    {
        Assert.Equal(ProxyMode.Nftables, Flags("--proxy-mode=ipvs").Mode);
        Assert.Contains("kube-ipvs0", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "primary localhost")]
    [InlineData("--proxy-mode=userspace", "primary localhost")]
    [InlineData("--proxy-mode=iptables", "all")]
    [InlineData("--proxy-mode=iptables --nodeport-addresses=primary,10.0.0.0/8,localhost", "primary 10.0.0.0/8 localhost")]
    public void Read_NodePortAddresses_WordsAndNetworksOrTheModesOwn(string flags, string expected)
    {
        Assert.Equal(expected.Split(' '), Flags(flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)).NodePortAddresses);
        Assert.Empty(_warnings);
    }

    // As upstream (cmd/kube-proxy/app, addressFromDeprecatedFlags): a port flag completes an address that has none; 0 means none is served.
    [Theory]
    [InlineData("", "0.0.0.0:10256", "127.0.0.1:10249")]
    [InlineData("--bind-address=fd00::1", "[::]:10256", "[::1]:10249")]
    [InlineData("--healthz-bind-address=10.0.0.1 --metrics-bind-address=::1", "10.0.0.1:10256", "[::1]:10249")]
    [InlineData("--healthz-port=80 --metrics-port=81 --healthz-bind-address=10.0.0.1 --metrics-bind-address=127.0.0.1:7", "10.0.0.1:80", "127.0.0.1:7", "healthz", "metrics")]
    [InlineData("--healthz-port=0 --metrics-port=0", null, null, "healthz", "metrics")]
    public void Read_ListenAddresses_CompletedAsUpstream(string flags, string? health, string? metrics, params string[] deprecated)
    {
        var read = Flags(flags.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((health, metrics), (read.HealthzBindAddress?.ToString(), read.MetricsBindAddress?.ToString()));
        Assert.Equal(deprecated.Select(static name => $"--{name}-port is deprecated: use --{name}-bind-address"), _warnings);
    }

    [Fact]
    public void Read_PortFlagWithoutPort_Named() =>
        Assert.Contains("--metrics-port: \"x\" is no port", Assert.Throws<InvalidDataException>(() => Flags("--metrics-port=x")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("30s", 30)]
    [InlineData("1h2m3s", 3723)]
    [InlineData("1.5m", 90)]
    [InlineData("-2s", -2)]
    public void Duration_TextAndBack_SameTime(string text, double seconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
        Assert.True(GoDuration.TryParse(GoDuration.Format(duration), out var again));
        Assert.Equal(duration, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("5 s")]
    [InlineData("1y")]
    public void Duration_NoDuration_Refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    public void Dispose() => System.IO.File.Delete(_file);

    private const string Head = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";

    private KubeProxyConfiguration File(string text)
    {
        System.IO.File.WriteAllText(_file, text);
        return ConfigurationReader.Read(_file, new Dictionary<string, string>(), _warnings);
    }

    private KubeProxyConfiguration Flags(params string[] flags) => ConfigurationReader.Read(
        null, flags.Select(static flag => flag[2..].Split('=', 2)).ToDictionary(static parts => parts[0], static parts => parts.Length > 1 ? parts[1] : "true"), _warnings);
}
