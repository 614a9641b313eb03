using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Portico.Net.Interop;

namespace Portico.Net.Relays;

/// <summary>A listening socket whose connections are relayed. Each loop accepts from it.</summary>
public sealed class RelayListener : IReadiness
{
    // Others of the loop come after this many; other loops take the rest.
    private const int AcceptsAtOnce = 16;

    private readonly Socket _socket;
    private readonly RelayLoops _loops;
    private readonly int _limit;
    private int _open;

    internal RelayListener(Socket socket, IRelayRoute route, int limit, RelayLoops loops) => (_socket, Route, _limit, _loops) = (socket, route, limit, loops);

    internal IRelayRoute Route { get; }

    internal int Descriptor => (int)_socket.SafeHandle.DangerousGetHandle();

    /// <summary>Accepts nothing more. What is established goes on until it ends by itself.</summary>
    public Task CloseAsync() => _loops.RemoveAsync(this, _socket);

    /// <summary>Breaks the connections to endpoints that match.</summary>
    public void Break(Func<IPEndPoint, bool> matches) => _loops.Break(this, matches);

    void IReadiness.OnReady(uint events, int side)
    {
        var loop = RelayLoop.Current;
        for (var i = 0; i < AcceptsAtOnce && TryAccept(loop); i++)
        {
        }
    }

    internal void Ended() => Interlocked.Decrement(ref _open);

    private unsafe bool TryAccept(RelayLoop loop)
    {
        var address = stackalloc byte[SocketAddress.MaximumLength];
        var length = SocketAddress.MaximumLength;
        var client = LibC.accept4(Descriptor, address, &length, LibC.SockNonBlock | LibC.SockCloexec);
        if (client < 0)
        {
            return Marshal.GetLastPInvokeError() is LibC.EMFile or LibC.ENFile && loop.Refuse(Descriptor);
        }

        if (Interlocked.Increment(ref _open) > _limit)
        {
            Ended();
            RelayConnection.SetLinger(client);
            _ = LibC.close(client);
            return true;
        }

        new RelayConnection(loop, this, client, SocketAddress.Read(new(address, length))).Start();
        return true;
    }
}
