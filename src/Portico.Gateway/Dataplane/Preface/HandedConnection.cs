using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Portico.Gateway.Dataplane.Preface;

/// <summary>A connection that was accepted by one listener and is served by another. It ends when the second one disposes it; only then the first goes on.</summary>
internal sealed class HandedConnection(ConnectionContext inner) : ConnectionContext
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    public override IDuplexPipe Transport { get; set; } = inner.Transport;

    public override string ConnectionId { get; set; } = inner.ConnectionId + "h2";

    // Reads fall through to the first connection; what the second listener sets stays here.
    public override IFeatureCollection Features { get; } = new FeatureCollection(inner.Features);

    public override IDictionary<object, object?> Items { get; set; } = inner.Items;

    public override CancellationToken ConnectionClosed { get; set; } = inner.ConnectionClosed;

    public override EndPoint? LocalEndPoint { get; set; } = inner.LocalEndPoint;

    public override EndPoint? RemoteEndPoint { get; set; } = inner.RemoteEndPoint;

    public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

    public override ValueTask DisposeAsync()
    {
        _done.TrySetResult();
        return base.DisposeAsync();
    }
}
