using System.Net;
using System.Net.Sockets;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>
/// A listener of our own per frontend, and the rules of the other back end with that listener as the frontend's only endpoint. Policies that
/// refuse or drop stay with the rules; which endpoint is ours to choose.
/// </summary>
internal sealed class UserspaceBackend(IBackend rules, IPAddress listenAddress, ForwarderSet forwarders, PortBook ports) : IBackend
{
    private ServiceMap _redirected = ServiceMap.Empty;

    public async Task ResyncAsync(ServiceMap map, CancellationToken cancellationToken)
    {
        var before = _redirected.Frontends.ToDictionary(frontend => frontend.Key);
        var changes = new List<FrontendChange>();
        foreach (var frontend in map.Frontends)
        {
            before.Remove(frontend.Key);
            changes.Add(new(frontend.Key, null, frontend));
        }

        changes.AddRange(before.Values.Select(gone => new FrontendChange(gone.Key, gone, null)));
        Redirect(changes);
        await rules.ResyncAsync(_redirected, cancellationToken);
        await StopUnusedAsync([.. forwarders.Keys]);
        ports.Keep(forwarders.Keys);
    }

    public async Task ApplyAsync(IReadOnlyList<FrontendChange> changes, CancellationToken cancellationToken)
    {
        var redirected = Redirect(changes);
        if (redirected.Count > 0)
        {
            await rules.ApplyAsync(redirected, cancellationToken);
        }

        await StopUnusedAsync(changes.Select(change => change.Key));
    }

    public Task WaitForForeignChangeAsync(CancellationToken cancellationToken) => rules.WaitForForeignChangeAsync(cancellationToken);

    // Each frontend is a Service of its own to the rules: its redirection changes alone.
    private List<FrontendChange> Redirect(IReadOnlyList<FrontendChange> changes)
    {
        var plans = new List<ServicePlan>(changes.Count);
        foreach (var change in changes)
        {
            var redirected = change.New is { } frontend ? Redirect(frontend) : null;
            plans.Add(new() { Service = new("frontend", change.Key.ToString()), Frontends = redirected is null ? [] : [redirected] });
        }

        (_redirected, var moved) = _redirected.With(plans);
        return moved;
    }

    private Frontend? Redirect(Frontend frontend)
    {
        if (Keep(frontend) is not { } forwarder)
        {
            return null;
        }

        EndpointAddress[] own = [new(forwarder.Address.Address, (ushort)forwarder.Address.Port, IsLocal: false)];
        return frontend with
        {
            Service = new("frontend", frontend.Key.ToString()),
            Cluster = frontend.Cluster.Count > 0 ? own : [],
            Local = frontend.Local.Count > 0 ? own : [],
            Serving = frontend.Key.Protocol == TransportProtocol.Udp && frontend.Serving.Count > 0 ? own : [],
            Affinity = null,
            CutsConnections = false,
        };
    }

    private IForwarder? Keep(Frontend frontend)
    {
        try
        {
            var forwarder = KeepAt(frontend, ports.PortOf(frontend.Key));
            if (forwarder is not null)
            {
                ports.Note(frontend.Key, (ushort)forwarder.Address.Port);
            }

            return forwarder;
        }
        catch (SocketException refused)
        {
            throw new IOException($"service {frontend.Service}: listen for {frontend.Key} on {listenAddress}: {refused.Message}", refused);
        }
    }

    private IForwarder? KeepAt(Frontend frontend, ushort port)
    {
        try
        {
            return forwarders.Keep(frontend, new(listenAddress, port));
        }
        catch (SocketException taken) when (port != 0 && taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return forwarders.Keep(frontend, new(listenAddress, 0));
        }
    }

    // Only after the rules no longer lead there.
    private async Task StopUnusedAsync(IEnumerable<FrontendKey> keys)
    {
        foreach (var key in keys)
        {
            if (_redirected.Find(key) is null)
            {
                await forwarders.StopAsync(key);
            }
        }
    }
}
