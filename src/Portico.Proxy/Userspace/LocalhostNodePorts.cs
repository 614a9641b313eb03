using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>
/// NodePorts on 127.0.0.1 or ::1, beside the rules: a listener that passes on to the same port of a node address, where the rules choose. The
/// kernel would need route_localnet for it, which opens the host's loopback services to the network, and has none for IPv6.
/// </summary>
internal sealed partial class LocalhostNodePorts(IBackend rules, ForwarderSet forwarders, IPAddress loopback, ILogger logger) : IBackend
{
    private readonly Dictionary<FrontendKey, List<Frontend>> _nodePorts = [];

    public async Task ResyncAsync(ServiceMap map, CancellationToken cancellationToken)
    {
        await rules.ResyncAsync(map, cancellationToken);
        _nodePorts.Clear();
        foreach (var frontend in map.Frontends)
        {
            Add(frontend);
        }

        foreach (var key in forwarders.Keys.Union(_nodePorts.Keys).ToList())
        {
            await UpdateAsync(key);
        }
    }

    public async Task ApplyAsync(IReadOnlyList<FrontendChange> changes, CancellationToken cancellationToken)
    {
        await rules.ApplyAsync(changes, cancellationToken);
        var touched = new HashSet<FrontendKey>();
        foreach (var change in changes)
        {
            if (change.Old is { Kind: FrontendKind.NodePort } && _nodePorts.TryGetValue(Localhost(change.Key), out var others))
            {
                others.RemoveAll(frontend => frontend.Key == change.Key);
                touched.Add(Localhost(change.Key));
            }

            if (change.New is { Kind: FrontendKind.NodePort })
            {
                Add(change.New);
                touched.Add(Localhost(change.Key));
            }
        }

        foreach (var key in touched)
        {
            await UpdateAsync(key);
        }
    }

    public Task WaitForForeignChangeAsync(CancellationToken cancellationToken) => rules.WaitForForeignChangeAsync(cancellationToken);

    private FrontendKey Localhost(FrontendKey key) => key with { Address = loopback };

    private void Add(Frontend frontend)
    {
        if (frontend is { Kind: FrontendKind.NodePort, Key.Protocol: not TransportProtocol.Sctp })
        {
            var key = Localhost(frontend.Key);
            if (!_nodePorts.TryGetValue(key, out var frontends))
            {
                _nodePorts[key] = frontends = [];
            }

            frontends.Add(frontend);
        }
    }

    private async Task UpdateAsync(FrontendKey key)
    {
        if (_nodePorts.GetValueOrDefault(key) is not [var frontend, ..])
        {
            _nodePorts.Remove(key);
            await forwarders.StopAsync(key);
            return;
        }

        EndpointAddress[] onNode = [new(frontend.Key.Address, frontend.Key.Port, IsLocal: true)];
        try
        {
            forwarders.Keep(
                new() { Key = key, Kind = FrontendKind.NodePort, Service = frontend.Service, PortName = frontend.PortName, Cluster = onNode, Serving = onNode },
                new(loopback, key.Port));
        }
        catch (SocketException taken)
        {
            LogTaken(frontend.Service, key, taken.Message);
        }
    }

    [LoggerMessage(5043, LogLevel.Warning, "service {Service}: NodePort on {Frontend}: {Reason}; it is served on the node's other addresses")]
    private partial void LogTaken(Api.Kinds.ObjectKey service, FrontendKey frontend, string reason);
}
