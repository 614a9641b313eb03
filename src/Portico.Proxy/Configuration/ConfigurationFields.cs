namespace Portico.Proxy.Configuration;

/// <summary>
/// Every field of KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1) with kube-proxy 1.36's defaults and flags. The file, the command line,
/// the help and the warnings all come from this table.
/// </summary>
public static class ConfigurationFields
{
    public static IReadOnlyList<ConfigurationField> All { get; } =
    [
        Text("clientConnection.kubeconfig", flag: "kubeconfig", help: "How to reach the API server; without it, as the pod's service account"),
        Text("hostnameOverride", flag: "hostname-override", help: "Name of this Node; the machine's host name when not set"),
        Text("bindAddress", "0.0.0.0", "bind-address", "The node's primary address, where the Node object should not say"),
        Text("healthzBindAddress", "0.0.0.0:10256", "healthz-bind-address", "Address and port of /healthz and /livez; empty: none")
            with { PortFlag = "healthz-port", DefaultOverIPv6 = "[::]:10256" },
        Text("metricsBindAddress", "127.0.0.1:10249", "metrics-bind-address", "Address and port of /metrics; empty: none")
            with { PortFlag = "metrics-port", DefaultOverIPv6 = "[::1]:10249" },
        Flag("bindAddressHardFail", flag: "bind-address-hard-fail", help: "End when one of these addresses is taken, instead of trying again"),
        Text("mode", flag: "proxy-mode", help: "nftables (default), iptables or userspace"),
        Text("detectLocalMode", flag: "detect-local-mode", help: "How pods are told: ClusterCIDR (default), NodeCIDR, BridgeInterface, InterfaceNamePrefix"),
        Text("detectLocal.bridgeInterface", flag: "pod-bridge-interface", help: "For BridgeInterface: the bridge that pods are on"),
        Text("detectLocal.interfaceNamePrefix", flag: "pod-interface-name-prefix", help: "For InterfaceNamePrefix: how pods' interfaces begin"),
        Text("clusterCIDR", flag: "cluster-cidr", help: "For ClusterCIDR: network of all pods; for dual stack two, with a comma"),
        new("nodePortAddresses", "", "nodeport-addresses") { Type = FieldType.List, Help = "Node addresses that serve NodePorts: networks, primary, localhost, all" },
        Pointer(FieldType.Integer, "oomScoreAdj", "-999", "oom-score-adj", "The kernel's out-of-memory score of this process"),
        Pointer(FieldType.Integer, "iptables.masqueradeBit", "14", "iptables-masquerade-bit", "Bit of the packet mark for what is masqueraded"),
        Flag("iptables.masqueradeAll", flag: "masquerade-all", help: "Masquerade pods' traffic to ClusterIPs too"),
        Pointer(FieldType.Boolean, "iptables.localhostNodePorts", "true", "iptables-localhost-nodeports", "NodePorts on the node's loopback, where nodePortAddresses include it"),
        Pointer(FieldType.Integer, "nftables.masqueradeBit", "14", "iptables-masquerade-bit", null),
        Flag("nftables.masqueradeAll", flag: "masquerade-all"),
        Pointer(FieldType.Integer, "conntrack.maxPerCore", "32768", "conntrack-max-per-core", "Tracked connections for each CPU; 0: as it is"),
        Pointer(FieldType.Integer, "conntrack.min", "131072", "conntrack-min", "Tracked connections at least"),
        Pointer(FieldType.Duration, "conntrack.tcpEstablishedTimeout", "24h0m0s", "conntrack-tcp-timeout-established", "0: as it is"),
        Pointer(FieldType.Duration, "conntrack.tcpCloseWaitTimeout", "1h0m0s", "conntrack-tcp-timeout-close-wait", "0: as it is"),
        Flag("conntrack.tcpBeLiberal", flag: "conntrack-tcp-be-liberal", help: "Do not call TCP packets outside the window invalid"),
        Duration("conntrack.udpTimeout", "0s", "conntrack-udp-timeout", "0: as it is"),
        Duration("conntrack.udpStreamTimeout", "0s", "conntrack-udp-timeout-stream", "0: as it is"),
        new("logging.verbosity", "0", "v") { Type = FieldType.Integer, Help = "From 4 on, changes of state are logged too" },

        Unused(FieldType.Any, "featureGates", "feature-gates"),
        Unused("clientConnection.acceptContentTypes"),
        Unused("clientConnection.contentType", "kube-api-content-type", "application/vnd.kubernetes.protobuf"),
        Unused(FieldType.Number, "clientConnection.qps", "kube-api-qps", "5"),
        Unused(FieldType.Integer, "clientConnection.burst", "kube-api-burst", "10"),
        Unused("logging.format", "logging-format", "text"),
        Unused(FieldType.Any, "logging.flushFrequency", "log-flush-frequency", "5s"),
        Unused(FieldType.Any, "logging.vmodule", "vmodule"),
        Unused(FieldType.Any, "logging.options"),
        Unused(FieldType.Boolean, "enableProfiling", "profiling", "false"),
        Unused("showHiddenMetricsForVersion", "show-hidden-metrics-for-version"),
        Unused(FieldType.Duration, "configSyncPeriod", "config-sync-period", "15m0s"),
        Unused("portRange"),
        Unused(FieldType.Duration, "iptables.syncPeriod", "iptables-sync-period", "30s"),
        Unused(FieldType.Duration, "iptables.minSyncPeriod", "iptables-min-sync-period", "1s"),
        Unused(FieldType.Duration, "nftables.syncPeriod", "iptables-sync-period", "30s"),
        Unused(FieldType.Duration, "nftables.minSyncPeriod", "iptables-min-sync-period", "1s"),
        Unused(FieldType.Duration, "ipvs.syncPeriod", "ipvs-sync-period", "30s"),
        Unused(FieldType.Duration, "ipvs.minSyncPeriod", "ipvs-min-sync-period", "1s"),
        Unused("ipvs.scheduler", "ipvs-scheduler"),
        Unused(FieldType.List, "ipvs.excludeCIDRs", "ipvs-exclude-cidrs", ""),
        Unused(FieldType.Boolean, "ipvs.strictARP", "ipvs-strict-arp", "false"),
        Unused(FieldType.Duration, "ipvs.tcpTimeout", "ipvs-tcp-timeout", "0s"),
        Unused(FieldType.Duration, "ipvs.tcpFinTimeout", "ipvs-tcpfin-timeout", "0s"),
        Unused(FieldType.Duration, "ipvs.udpTimeout", "ipvs-udp-timeout", "0s"),
        Unused(FieldType.Boolean, "windowsRunAsService", null, "false"),
        Unused(FieldType.Any, "winkernel.networkName"),
        Unused(FieldType.Any, "winkernel.sourceVip"),
        Unused(FieldType.Any, "winkernel.enableDSR"),
        Unused(FieldType.Any, "winkernel.rootHnsEndpointName"),
        Unused(FieldType.Any, "winkernel.forwardHealthCheckVip"),
    ];

    internal static IReadOnlyDictionary<string, ConfigurationField> ByPath { get; } = All.ToDictionary(static field => field.Path, StringComparer.Ordinal);

    private static ConfigurationField Text(string path, string value = "", string? flag = null, string? help = null) => new(path, value, flag) { Help = help };

    private static ConfigurationField Flag(string path, string? flag = null, string? help = null) =>
        new(path, "false", flag) { Type = FieldType.Boolean, Help = help };

    private static ConfigurationField Duration(string path, string value, string flag, string help) =>
        new(path, value, flag) { Type = FieldType.Duration, Help = help };

    private static ConfigurationField Pointer(FieldType type, string path, string value, string flag, string? help) =>
        new(path, value, flag) { Type = type, ZeroCounts = true, Help = help };

    private static ConfigurationField Unused(string path, string? flag = null, string value = "") => Unused(FieldType.Text, path, flag, value);

    private static ConfigurationField Unused(FieldType type, string path, string? flag = null, string value = "") =>
        new(path, value, flag) { Type = type, WithoutEffect = true };
}
