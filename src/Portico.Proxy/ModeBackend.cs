using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Net.Conntrack;
using Portico.Net.Iptables;
using Portico.Net.Netlink;
using Portico.Net.Nftables;
using Portico.Net.Processes;
using Portico.Net.Relays;
using Portico.Net.Sockets;
using Portico.Proxy.Conntrack;
using Portico.Proxy.Health;
using Portico.Proxy.Iptables;
using Portico.Proxy.Nftables;
using Portico.Proxy.Services;
using Portico.Proxy.Traffic;
using Portico.Proxy.Userspace;

namespace Portico.Proxy;

/// <summary>The back end of the chosen mode. Once its rules are in place, it takes away what another mode left: at no time is there neither.</summary>
internal sealed partial class ModeBackend : IBackend, IAsyncDisposable
{
    private readonly ServiceProxyOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ConntrackTable? _conntrack;
    private readonly NftablesTable? _table;
    private readonly IptablesTools? _iptables;
    private readonly ForwarderSet? _forwarders;
    private readonly IBackend _chosen;
    private bool _alone;

    public ModeBackend(ServiceProxyOptions options, ProxyMetrics metrics, SocketFactory sockets, ILogger logger, TimeProvider time)
    {
        (_options, _logger, _time) = (options, logger, time);
        if (options.Mode == ProxyMode.Userspace && !Privileges.CanChangeNetwork)
        {
            _forwarders = Forwarders(checksSources: true);
            _chosen = new DirectBackend(_forwarders, logger);
            Traffic = _forwarders.Traffic;
            _alone = true; // rules that cannot be changed cannot be removed
            return;
        }

        _conntrack = new(FamilyOf(options), options.Namespace);
        var flows = new FlowCleaner(_conntrack, metrics, time);
        var ipv6 = options.Family == AddressFamily.InterNetworkV6;
        _chosen = options.Mode == ProxyMode.Iptables
            ? new IptablesBackend(_iptables = Iptables(options, time), options, flows, logger)
            : new NftablesBackend(_table = Table(options, time), new(options), flows, ipv6 ? 16 : 4, logger);
        if (options.Mode == ProxyMode.Userspace)
        {
            _forwarders = Forwarders(checksSources: false);
            var address = options.NodeAddresses.First(address => address.AddressFamily == options.Family);
            var ports = new PortBook(options.StateDirectory is { } directory ? Path.Combine(directory, $"userspace-ports-{(ipv6 ? "IPv6" : "IPv4")}") : null);
            _chosen = new UserspaceBackend(_chosen, address, _forwarders, ports);
        }
        else if (options.LocalhostNodePorts)
        {
            _forwarders = Forwarders(checksSources: false);
            _chosen = new LocalhostNodePorts(_chosen, _forwarders, ipv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, logger);
        }

        Traffic = options.Mode switch
        {
            ProxyMode.Nftables => new NftablesTraffic(_table!, () => Table(options, time), ipv6 ? 16 : 4),
            ProxyMode.Iptables => new IptablesTraffic(_iptables!, () => _forwarders?.Traffic.Connections ?? 0),
            _ => _forwarders!.Traffic,
        };

        ForwarderSet Forwarders(bool checksSources) => new(
            new(sockets, new RelayLoops(options.Namespace, time), new(options.Pods, options.NodeAddresses), checksSources, time), logger);
    }

    /// <summary>Removes the rules of all modes.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static async Task CleanupAsync(ServiceProxyOptions options, CancellationToken cancellationToken)
    {
        await RemoveNftablesAsync(options, TimeProvider.System, cancellationToken);
        await RemoveIptablesAsync(options, TimeProvider.System, cancellationToken);
    }

    public ITrafficCounters Traffic { get; }

    public async Task ResyncAsync(ServiceMap map, CancellationToken cancellationToken)
    {
        await _chosen.ResyncAsync(map, cancellationToken);
        if (!_alone)
        {
            await RemoveOthersAsync(cancellationToken);
            _alone = true;
        }

        Traffic.Prune(map);
    }

    /// <summary>Ends the counts of what went with these changes, which were applied.</summary>
    /// <param name="map">As it is after them.</param>
    public void Forget(IReadOnlyList<FrontendChange> changes, ServiceMap map)
    {
        Traffic.Forget(changes, map);
        if (_forwarders is not null && _forwarders.Traffic != Traffic)
        {
            _forwarders.Traffic.Forget(changes, map);
        }
    }

    public Task ApplyAsync(IReadOnlyList<FrontendChange> changes, CancellationToken cancellationToken) => _chosen.ApplyAsync(changes, cancellationToken);

    public Task WaitForForeignChangeAsync(CancellationToken cancellationToken) => _chosen.WaitForForeignChangeAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_forwarders is not null)
        {
            await _forwarders.DisposeAsync();
        }

        _conntrack?.Dispose();
        _table?.Dispose();
        _iptables?.Dispose();
    }

    private static NftablesTable Table(ServiceProxyOptions options, TimeProvider time) => new(FamilyOf(options), Layout.Table, options.Namespace, time);

    private static IptablesTools Iptables(ServiceProxyOptions options, TimeProvider time) => new(FamilyOf(options), options.Namespace, time);

    private static byte FamilyOf(ServiceProxyOptions options) =>
        options.Family == AddressFamily.InterNetworkV6 ? NetlinkConstants.FamilyIPv6 : NetlinkConstants.FamilyIPv4;

    private async Task RemoveOthersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (_options.Mode == ProxyMode.Iptables
                ? RemoveNftablesAsync(_options, _time, cancellationToken)
                : RemoveIptablesAsync(_options, _time, cancellationToken));
        }
        catch (IOException refused)
        {
            // The rules of this mode hold all the same.
            LogLeft(refused);
        }
    }

    private static async Task RemoveNftablesAsync(ServiceProxyOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            using var table = Table(options, time);
            await table.RunScriptAsync(new Layout(options).Delete(), cancellationToken);
        }
        catch (FileNotFoundException)
        {
            // Without nft there was no such mode here.
        }
    }

    private static async Task RemoveIptablesAsync(ServiceProxyOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            using var iptables = Iptables(options, time);
            var removal = Removal.Of(SavedRules.Parse(await iptables.SaveAsync(cancellationToken)));
            foreach (var script in removal.Write())
            {
                await iptables.RestoreAsync(script, cancellationToken);
            }
        }
        catch (FileNotFoundException)
        {
            // Without iptables there was no such mode here.
        }
    }

    [LoggerMessage(5061, LogLevel.Warning, "rules of another mode could not be removed, and may still refuse what this mode allows")]
    private partial void LogLeft(Exception refused);
}
