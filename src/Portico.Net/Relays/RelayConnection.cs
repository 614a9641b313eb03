using System.Net;
using System.Runtime.InteropServices;
using Portico.Net.Interop;

namespace Portico.Net.Relays;

/// <summary>
/// A client and its endpoint: dialled, the next one when that does not answer, then both directions until each has ended. The end of one direction is
/// passed on as such (FIN); a failure breaks both (RST).
/// </summary>
internal sealed class RelayConnection(RelayLoop loop, RelayListener listener, int client, IPEndPoint address) : IReadiness
{
    private const int ClientSide = 0;
    private const int EndpointSide = 1;

    // Upstream's dial timeouts (pkg/proxy/userspace): a dead endpoint costs a moment, not the connection.
    private static readonly int[] DialTimeouts = [250, 500, 1000, 2000];

    private int _endpoint = -1;
    private int _slot = -1;
    private int _dials;
    private bool _isConnected;
    private bool _isClosed;
    private IRelayMeter? _meter;
    private RelayDirection _up;
    private RelayDirection _down;

    public RelayListener Listener => listener;

    public IPEndPoint? Endpoint { get; private set; }

    public static int DialTries => DialTimeouts.Length;

    public void Start()
    {
        _slot = loop.Keep(this);
        Dial();
    }

    public void OnReady(uint events, int side)
    {
        if (_isClosed)
        {
            return;
        }

        if (!_isConnected)
        {
            OnDialled(events);
            return;
        }

        if ((events & LibC.EpollErr) != 0)
        {
            Break();
            return;
        }

        var ended = (events & (LibC.EpollRdHup | LibC.EpollHup)) != 0;
        var readable = ended || (events & LibC.EpollIn) != 0;
        var writable = (events & LibC.EpollOut) != 0;
        if (side == ClientSide)
        {
            _up.SenderEnded |= ended;
            Run(readable, writable && _down.IsBlocked);
        }
        else
        {
            _down.SenderEnded |= ended;
            Run(writable && _up.IsBlocked, readable);
        }
    }

    /// <summary>Those directions that had more to do.</summary>
    public void Continue() => Run(true, true);

    /// <param name="dial">Which try the timeout was for.</param>
    public void OnDialTimeout(int dial)
    {
        if (!_isClosed && !_isConnected && dial == _dials)
        {
            Dial();
        }
    }

    /// <summary>Ends both sides with RST.</summary>
    public void Break()
    {
        if (_isClosed)
        {
            return;
        }

        SetLinger(client);
        if (_isConnected)
        {
            SetLinger(_endpoint);
        }

        Close();
    }

    internal static unsafe void SetLinger(int fd)
    {
        var linger = stackalloc int[2] { 1, 0 };
        _ = LibC.setsockopt(fd, LibC.SolSocket, LibC.SoLinger, linger, 2 * sizeof(int));
    }

    private unsafe void Dial()
    {
        while (true)
        {
            CloseEndpoint();
            if (_dials == DialTimeouts.Length || listener.Route.Next(address.Address, Endpoint) is not { } next)
            {
                Break();
                return;
            }

            Endpoint = next;
            _dials++;
            var bytes = stackalloc byte[SocketAddress.MaximumLength];
            var length = SocketAddress.Write(next, new(bytes, SocketAddress.MaximumLength));
            _endpoint = LibC.socket(length == SocketAddress.MaximumLength ? LibC.AfInet6 : LibC.AfInet, LibC.SockStream | LibC.SockNonBlock | LibC.SockCloexec, 0);
            var yes = 1;
            if (_endpoint < 0
                || LibC.setsockopt(_endpoint, LibC.IpProtoTcp, LibC.TcpNoDelay, &yes, sizeof(int)) < 0
                || LibC.setsockopt(_endpoint, LibC.SolSocket, LibC.SoKeepAlive, &yes, sizeof(int)) < 0
                || (LibC.connect(_endpoint, bytes, length) < 0 && Marshal.GetLastPInvokeError() != LibC.EInProgress)
                || !loop.TryWatch(_endpoint, _slot, EndpointSide))
            {
                continue;
            }

            loop.NoteDial(this, _dials, DialTimeouts[_dials - 1]);
            return;
        }
    }

    private unsafe void OnDialled(uint events)
    {
        int error = 0, length = sizeof(int);
        if (LibC.getsockopt(_endpoint, LibC.SolSocket, LibC.SoError, &error, &length) < 0 || error != 0)
        {
            // One that answered and then reset (before or after its own end) has served this connection.
            if (error is LibC.EConnReset or LibC.EPipe)
            {
                Break();
            }
            else
            {
                Dial();
            }

            return;
        }

        _isConnected = true;
        _meter = listener.Route.Connected(Endpoint!);
        var header = listener.Route.WriteHeader(address, new(loop.Buffer, RelayLoop.BufferSize));
        if ((header > 0 && LibC.send(_endpoint, loop.Buffer, header, LibC.MsgDontWait | LibC.MsgNoSignal) != header)
            || !loop.TryWatch(client, _slot, ClientSide))
        {
            Break();
            return;
        }

        // An endpoint that speaks first may have done so, and ended, before this: that was the same event. What the client has said comes as one of its own.
        _down.SenderEnded |= (events & LibC.EpollRdHup) != 0;
        Run(false, (events & (LibC.EpollIn | LibC.EpollRdHup)) != 0);
    }

    private void Run(bool up, bool down)
    {
        if (_isClosed)
        {
            return;
        }

        var upStep = up && !_up.IsDone ? _up.Run(client, _endpoint, loop) : RelayStep.Waits;
        var downStep = down && !_down.IsDone && upStep != RelayStep.Broken ? _down.Run(_endpoint, client, loop) : RelayStep.Waits;
        _meter?.Moved(_up.TakeMoved(), _down.TakeMoved());
        if (upStep == RelayStep.Broken || downStep == RelayStep.Broken)
        {
            Break();
        }
        else if (_up.IsDone && _down.IsDone)
        {
            Close();
        }
        else if (upStep == RelayStep.Done || downStep == RelayStep.Done)
        {
            _ = LibC.shutdown(upStep == RelayStep.Done ? _endpoint : client, LibC.ShutWr);
        }

        if (upStep == RelayStep.Continues || downStep == RelayStep.Continues)
        {
            loop.Continue(this);
        }
    }

    private void Close()
    {
        _isClosed = true;
        _up.Drop(loop);
        _down.Drop(loop);
        CloseEndpoint();
        _ = LibC.close(client);
        loop.Forget(_slot);
        listener.Ended();
    }

    private void CloseEndpoint()
    {
        if (_endpoint >= 0)
        {
            _ = LibC.close(_endpoint);
            _endpoint = -1;
        }
    }
}
