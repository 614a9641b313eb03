using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Portico.Gateway.Dataplane.Preface;

/// <summary>The in-process listener, and the factory that gives it to Kestrel: what is handed over is what it accepts.</summary>
internal sealed class HandoverListener : IConnectionListener, IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();

    public EndPoint EndPoint { get; } = new HandoverEndPoint();

    /// <summary>Completes when the connection is over.</summary>
    /// <returns>False when no more connections are taken.</returns>
    public async Task<bool> ServeAsync(ConnectionContext connection)
    {
        var handed = new HandedConnection(connection);
        if (!_connections.Writer.TryWrite(handed))
        {
            return false;
        }

        await handed.Done;
        return true;
    }

    public bool CanBind(EndPoint endpoint) => endpoint is HandoverEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _connections.Reader.WaitToReadAsync(cancellationToken) && _connections.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _connections.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
