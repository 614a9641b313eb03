using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Connections;
using Portico.Client.Events;
using Portico.Client.Requests;
using Portico.Proxy;
using Portico.Proxy.Configuration;
using Portico.Proxy.Health;
using Portico.Proxy.Nodes;

namespace Portico.Cli.Roles;

/// <summary>Composes the service proxy of one node from its configuration: a proxy for each address family, and one status server.</summary>
internal sealed partial class NodeProxy
{
    // Upstream's patience with a Node that has no address, or no pod network yet.
    private static readonly TimeSpan AddressPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PodNetworkPatience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LastEventPatience = TimeSpan.FromSeconds(2);

    // As upstream: headless Services and those of another proxy are not even received.
    private static readonly ListOptions ServedServices = new()
    {
        LabelSelector = "!service.kubernetes.io/service-proxy-name",
        FieldSelector = "spec.clusterIP!=None",
    };

    private static readonly ListOptions ServedSlices = new() { LabelSelector = "!service.kubernetes.io/headless" };

    private readonly KubeProxyConfiguration _configuration;
    private readonly NodeOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly string _name;

    public NodeProxy(KubeProxyConfiguration configuration, NodeOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        (_configuration, _options, _loggers, _time) = (configuration, options, loggers, time);
        _logger = loggers.CreateLogger("portico.node");
        _name = (configuration.HostnameOverride ?? Environment.MachineName).Trim().ToLowerInvariant();
    }

    private static IEnumerable<AddressFamily> Families =>
        // Without the file, the kernel has no IPv6.
        File.Exists("/proc/net/if_inet6") ? [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6] : [AddressFamily.InterNetwork];

    // As upstream, events of the node carry its name as uid.
    private Api.Objects.Node Self => new() { Metadata = new() { Name = _name, Uid = _name } };

    // Gone with the machine's restart, as the kernel's rules are.
    private string StateDirectory => $"/run/portico/{_name}";

    public void Warn(IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            LogWarning(warning);
        }
    }

    /// <summary>Limits of the kernel, before anything else: later the process may have fewer rights.</summary>
    public void Prepare() => Warn([.. new ConntrackSysctls().Apply(_configuration.Conntrack), .. OomScore.Set(_configuration.OomScoreAdjust)]);

    public async Task CleanupAsync(CancellationToken cancellationToken)
    {
        foreach (var family in Families)
        {
            await ServiceProxy.CleanupAsync(Unnamed(family), cancellationToken);
        }

        if (Directory.Exists(StateDirectory))
        {
            Directory.Delete(StateDirectory, recursive: true);
        }
    }

    /// <summary>Runs until cancelled, or until something changed that only a new start can take over. Rules stay either way.</summary>
    /// <exception cref="IOException">This machine cannot carry the mode, or another service proxy runs.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var only = NodeLock.Take();
        foreach (var family in Families)
        {
            if (await ModeCheck.ProblemAsync(Unnamed(family), cancellationToken) is { } problem)
            {
                throw new IOException(problem);
            }
        }

        var credentials = LoadCredentials();
        using var requests = new RestClientMetrics(credentials.Server);
        using var connection = new KubernetesConnection(credentials);
        var client = new KubernetesClient(connection);
        var nodes = new Reflector<Api.Objects.Node>(client, KnownKinds.Nodes, new() { FieldSelector = $"metadata.name={_name}" }, _logger, _time);
        var events = new EventRecorder(client, "portico-node", _name, _logger, _time);
        var cidrs = new Reflector<ServiceCidr>(client, KnownKinds.ServiceCidrs, ListOptions.All, _logger, _time) { MayBeAbsent = true };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ends = new List<Task<string>>();
        var recording = events.RunAsync(stop.Token);
        var running = new List<Task> { nodes.RunAsync(stop.Token), cidrs.RunAsync(stop.Token), recording };
        try
        {
            var serviceNetworks = new ServiceNetworks(cidrs.Cache);
            var watch = new OwnNode(nodes.Cache, _name, _configuration.BindAddress, _time);
            var node = await FindNodeAsync(watch, stop.Token);
            if (!Families.Contains(node.PrimaryFamily))
            {
                throw new IOException($"node {_name}: its address {node[node.PrimaryFamily]} is IPv6, which this kernel does not have");
            }

            var pods = await PodNetworksAsync(watch, stop.Token);
            var clusterNetworks = await serviceNetworks.SyncedAsync(stop.Token);
            var services = new Reflector<Service>(client, KnownKinds.Services, ServedServices, _logger, _time);
            var slices = new Reflector<EndpointSlice>(client, KnownKinds.EndpointSlices, ServedSlices, _logger, _time);
            var proxies = Families.Select(family =>
                new ServiceProxy(services.Cache, slices.Cache, nodes.Cache, Options(family, node, Detector(family, pods)) with { ServiceCidrs = clusterNetworks }, _loggers, _time, events)).ToList();
            events.Normal(Self, "Starting", "");
            if (_configuration.AsksForIpvs)
            {
                events.Warning(Self, "IPVSDeprecation", ProxyModes.InsteadOfIpvs);
            }

            running.AddRange([services.RunAsync(stop.Token), slices.RunAsync(stop.Token), .. proxies.Select(proxy => proxy.RunAsync(stop.Token))]);
            ends.Add(StatusAsync(proxies, requests, events, stop.Token));
            ends.Add(watch.ChangedAsync(node, _configuration.DetectLocalMode == "NodeCIDR" ? pods : null, stop.Token));
            ends.Add(serviceNetworks.ChangedAsync(clusterNetworks, stop.Token));
            if (_options.ConfigFile is { } file)
            {
                ends.Add(ConfigurationWatch.ChangedAsync(file, _time, stop.Token));
            }

            ends.Add(NodePortAddressesAsync(NodePorts(node), proxies, stop.Token));
            LogStarted(_name, _configuration.Mode, node[node.PrimaryFamily]);
            var reason = await await Task.WhenAny(ends);
            LogEnding(reason);
            return 1;
        }
        finally
        {
            // What the last event says is why this ends.
            events.Complete();
            await Task.WhenAny(recording, Task.Delay(LastEventPatience, _time, CancellationToken.None));
            await stop.CancelAsync();
            await EndAsync([.. running, .. ends]);
        }
    }

    private static async Task EndAsync(IEnumerable<Task> tasks)
    {
        try
        {
            await Task.WhenAll(tasks);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    // Before the node is known.
    private ServiceProxyOptions Unnamed(AddressFamily family) => Options(family, NodeIdentity.Of(null, _configuration.BindAddress), LocalDetector.None);

    private ServiceProxyOptions Options(AddressFamily family, NodeIdentity node, LocalDetector pods)
    {
        var loopback = family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        var nodePorts = NodePorts(node);
        return new()
        {
            NodeName = _name,
            Mode = _configuration.Mode,
            Family = family,
            NodeAddresses = [node[family] ?? loopback],
            NodePortAddresses = nodePorts.Present(),
            Pods = pods,
            MasqueradeAll = _configuration.MasqueradeAll,
            MasqueradeMark = _configuration.MasqueradeMark,
            LocalhostNodePorts = _configuration.LocalhostNodePorts && nodePorts.Includes(loopback),
            ConntrackIsLiberal = new ConntrackSysctls().IsLiberal,
            StateDirectory = StateDirectory,
        };
    }

    private NodePortNetworks NodePorts(NodeIdentity node) =>
        new(_configuration.NodePortAddresses, node, loopback: _configuration is { Mode: ProxyMode.Userspace, LocalhostNodePorts: true });

    private LocalDetector Detector(AddressFamily family, IReadOnlyList<string> networks) => _configuration.DetectLocalMode switch
    {
        "BridgeInterface" => LocalDetector.ByBridge(_configuration.BridgeInterface!),
        "InterfaceNamePrefix" => LocalDetector.ByInterfacePrefix(_configuration.InterfaceNamePrefix!),
        _ => networks.FirstOrDefault(network => IPNetwork.Parse(network).BaseAddress.AddressFamily == family) is { } own
            ? LocalDetector.ByNetwork(own)
            : LocalDetector.None,
    };

    private Credentials LoadCredentials()
    {
        var credentials = _configuration.Kubeconfig is { } file ? Kubeconfig.Load(file)
            : _options.Master is { } url ? new() { Server = new Uri(url) }
            : InCluster.Load();
        return _options.Master is { } master ? credentials with { Server = new Uri(master) } : credentials;
    }

    private async Task<NodeIdentity> FindNodeAsync(OwnNode watch, CancellationToken cancellationToken)
    {
        var node = await watch.WithAddressAsync(AddressPatience, cancellationToken);
        if (node[node.PrimaryFamily] is null)
        {
            LogWarning($"node {_name} has no address in the API after {AddressPatience.TotalSeconds} s: loopback is assumed and NodePorts are not served; set --bind-address");
        }

        return node;
    }

    private async Task<IReadOnlyList<string>> PodNetworksAsync(OwnNode watch, CancellationToken cancellationToken)
    {
        if (_configuration.DetectLocalMode != "NodeCIDR")
        {
            return _configuration.ClusterCidrs;
        }

        return await watch.PodNetworksAsync(PodNetworkPatience, cancellationToken)
            ?? throw new IOException($"node {_name} has no spec.podCIDRs after {PodNetworkPatience.TotalMinutes} min, which detectLocalMode NodeCIDR needs");
    }

    private async Task<string> StatusAsync(
        IReadOnlyList<ServiceProxy> proxies, RestClientMetrics requests, EventRecorder events, CancellationToken cancellationToken)
    {
        var status = new StatusServer(
            proxies,
            new()
            {
                HealthAddress = _configuration.HealthzBindAddress,
                MetricsAddress = _configuration.MetricsBindAddress,
                HardFail = _configuration.BindAddressHardFail,
                Configuration = _configuration.ToJson().ToJsonString(),
                Flags = _options.AllFlags,
                RestClient = requests,
            },
            _loggers, _time);
        status.Refused += (reason, why) => events.Warning(Self, reason, why);
        await status.RunAsync(cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
        return "";
    }

    private static async Task<string> NodePortAddressesAsync(NodePortNetworks networks, IReadOnlyList<ServiceProxy> proxies, CancellationToken cancellationToken)
    {
        await foreach (var addresses in networks.FollowAsync(cancellationToken))
        {
            foreach (var proxy in proxies)
            {
                proxy.ServeNodePortsOn(addresses);
            }
        }

        return "";
    }

    [LoggerMessage(8050, LogLevel.Information, "service proxy of node {Node} starts: mode {Mode}, address {Address}")]
    private partial void LogStarted(string node, ProxyMode mode, IPAddress? address);

    [LoggerMessage(8051, LogLevel.Warning, "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(8052, LogLevel.Warning, "ending, to be started again: {Reason}")]
    private partial void LogEnding(string reason);
}
