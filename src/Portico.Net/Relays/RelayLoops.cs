using System.Net;
using System.Net.Sockets;
using Portico.Net.Namespaces;

namespace Portico.Net.Relays;

/// <summary>
/// Relays TCP connections with an event loop per processor and no thread, task or buffer per connection.
/// </summary>
public sealed class RelayLoops : IDisposable
{
    private const int LoopLimit = 4;

    private readonly RelayLoop[] _loops;

    /// <param name="inside">Where endpoints are dialled; null: the process's own network namespace.</param>
    public RelayLoops(NetworkNamespace? inside, TimeProvider time)
    {
        _loops = new RelayLoop[Math.Clamp(Environment.ProcessorCount, 1, LoopLimit)];
        for (var i = 0; i < _loops.Length; i++)
        {
            _loops[i] = new(inside, time, $"relay {i}");
        }
    }

    /// <param name="socket">Listens. It belongs to the listener from here on.</param>
    /// <param name="limit">So many connections at a time; more are reset.</param>
    public RelayListener Listen(Socket socket, IRelayRoute route, int limit)
    {
        // Accepted sockets inherit these.
        socket.Blocking = false;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        var listener = new RelayListener(socket, route, limit, this);
        foreach (var loop in _loops)
        {
            loop.Post(() => loop.Listen(listener));
        }

        return listener;
    }

    /// <summary>Breaks every connection.</summary>
    public void Dispose()
    {
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }
    }

    internal async Task RemoveAsync(RelayListener listener, Socket socket)
    {
        // The descriptor's number may be given away again: it is closed when no loop knows it any more.
        await Task.WhenAll(_loops.Select(loop =>
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!loop.Post(() =>
                {
                    loop.Unlisten(listener);
                    done.SetResult();
                }))
            {
                done.SetResult();
            }

            return done.Task;
        }));
        socket.Dispose();
    }

    internal void Break(RelayListener listener, Func<IPEndPoint, bool> matches)
    {
        foreach (var loop in _loops)
        {
            loop.Post(() => loop.Break(listener, matches));
        }
    }
}
