using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Net.Sockets;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>
/// A listener of our own per frontend, and the rules of the other back end with that listener as the frontend's only endpoint. Policies that
/// refuse or drop stay with the rules; which endpoint is ours to choose.
/// </summary>
internal sealed partial class UserspaceBackend(
    IBackend rules, IPAddress listenAddress, SocketFactory sockets, TrafficClassifier classifier, ILogger logger, TimeProvider time) : IBackend, IAsyncDisposable
{
    private readonly Dictionary<FrontendKey, (IForwarder Forwarder, CancellationTokenSource Removed)> _forwarders = [];
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _stop = new();
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
        StopUnused([.. _forwarders.Keys]);
    }

    public async Task ApplyAsync(IReadOnlyList<FrontendChange> changes, CancellationToken cancellationToken)
    {
        var redirected = Redirect(changes);
        if (redirected.Count > 0)
        {
            await rules.ApplyAsync(redirected, cancellationToken);
        }

        StopUnused(changes.Select(change => change.Key));
    }

    public Task WaitForForeignChangeAsync(CancellationToken cancellationToken) => rules.WaitForForeignChangeAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _stop.Dispose();
    }

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
        IForwarder forwarder;
        if (_forwarders.TryGetValue(frontend.Key, out var known))
        {
            forwarder = known.Forwarder;
            forwarder.Frontend = frontend;
        }
        else if (Start(frontend) is { } started)
        {
            forwarder = started;
            var removed = new CancellationTokenSource();
            _forwarders[frontend.Key] = (forwarder, removed);
            _running.RemoveWhere(static done => done.IsCompleted);
            _running.Add(RunAsync(forwarder, removed));
        }
        else
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
        };
    }

    private async Task RunAsync(IForwarder forwarder, CancellationTokenSource removed)
    {
        using (removed)
        {
            await forwarder.RunAsync(removed.Token, _stop.Token);
        }
    }

    private IForwarder? Start(Frontend frontend)
    {
        try
        {
            switch (frontend.Key.Protocol)
            {
                case TransportProtocol.Tcp:
                    return new TcpForwarder(frontend, listenAddress, sockets, classifier, time);
                case TransportProtocol.Udp:
                    return new UdpForwarder(frontend, listenAddress, sockets, classifier, time);
                default:
                    LogUnsupported(frontend.Service, frontend.Key);
                    return null;
            }
        }
        catch (SocketException refused)
        {
            throw new IOException($"service {frontend.Service}: listen for {frontend.Key} on {listenAddress}: {refused.Message}", refused);
        }
    }

    // Only after the rules no longer lead there.
    private void StopUnused(IEnumerable<FrontendKey> keys)
    {
        foreach (var key in keys)
        {
            if (_redirected.Find(key) is null && _forwarders.Remove(key, out var unused))
            {
                unused.Removed.Cancel();
            }
        }
    }

    [LoggerMessage(5040, LogLevel.Warning, "service {Service}: {Frontend}: SCTP is not served in userspace mode")]
    private partial void LogUnsupported(Api.Kinds.ObjectKey service, FrontendKey frontend);
}
