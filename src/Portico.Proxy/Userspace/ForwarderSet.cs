using System.Net;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>The forwarders that run, by frontend.</summary>
internal sealed partial class ForwarderSet(ForwarderContext context, ILogger logger) : IAsyncDisposable
{
    private readonly Dictionary<FrontendKey, IForwarder> _forwarders = [];
    private readonly PortBalancers _balancers = new(context.Time);

    public IReadOnlyCollection<FrontendKey> Keys => _forwarders.Keys;

    public ForwarderTraffic Traffic => context.Traffic;

    public IForwarder? Find(FrontendKey key) => _forwarders.GetValueOrDefault(key);

    /// <summary>Hands the frontend to its forwarder, or starts one.</summary>
    /// <returns>Null: its protocol can't be forwarded.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">The address is taken or not here.</exception>
    public IForwarder? Keep(Frontend frontend, IPEndPoint listen)
    {
        var balancer = _balancers.Enter(frontend);
        if (_forwarders.TryGetValue(frontend.Key, out var known))
        {
            _balancers.Leave(known.Frontend);
            known.Serve(frontend, balancer);
            return known;
        }

        IForwarder? started = null;
        try
        {
            started = frontend.Key.Protocol switch
            {
                TransportProtocol.Tcp => new TcpForwarder(frontend, balancer, listen, context),
                TransportProtocol.Udp => new UdpForwarder(frontend, balancer, listen, context),
                _ => null,
            };
        }
        finally
        {
            if (started is null)
            {
                _balancers.Leave(frontend);
            }
        }

        if (started is null)
        {
            LogUnsupported(frontend.Service, frontend.Key);
            return null;
        }

        return _forwarders[frontend.Key] = started;
    }

    public async Task StopAsync(FrontendKey key)
    {
        if (_forwarders.Remove(key, out var unused))
        {
            _balancers.Leave(unused.Frontend);
            await unused.DisposeAsync();
        }
    }

    /// <summary>Breaks everything that is established.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var forwarder in _forwarders.Values)
        {
            await forwarder.DisposeAsync();
        }

        context.Loops.Dispose();
    }

    [LoggerMessage(5040, LogLevel.Warning, "service {Service}: {Frontend}: SCTP is not served in userspace mode")]
    private partial void LogUnsupported(ObjectKey service, FrontendKey frontend);
}
