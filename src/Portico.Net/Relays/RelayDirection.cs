using System.Runtime.InteropServices;
using Portico.Net.Interop;

namespace Portico.Net.Relays;

/// <summary>
/// One direction of a connection. A few bytes are copied through the loop's buffer; many are spliced through a pipe, which never copies them.
/// What the receiver does not take yet waits in a pipe, so a direction at rest holds nothing.
/// </summary>
internal struct RelayDirection
{
    // As long as the other connections of the loop can wait.
    private const int StepLimit = 16;
    private const int ManyBytes = 16 * 1024;

    private Pipe _pipe;
    private bool _hasPipe;
    private nint _pending;
    private long _moved;
    private bool _spliced;

    /// <summary>The sender has said that it ends: an empty receive is to be expected, and no further event.</summary>
    public bool SenderEnded { get; set; }

    /// <summary>All that the sender said was passed on; its end is left to the connection.</summary>
    public bool IsDone { get; private set; }

    public readonly bool IsBlocked => _pending > 0;

    /// <summary>What the receiver has taken since the last call.</summary>
    public long TakeMoved()
    {
        var moved = _moved;
        _moved = 0;
        return moved;
    }

    public unsafe RelayStep Run(int from, int to, RelayLoop loop)
    {
        for (var step = 0; step < StepLimit; step++)
        {
            if (_pending > 0)
            {
                var moved = LibC.splice(_pipe.ReadEnd, null, to, null, _pending, LibC.SpliceMove | LibC.SpliceNonBlock);
                if (moved <= 0)
                {
                    return moved < 0 && IsWait() ? RelayStep.Waits : RelayStep.Broken;
                }

                _pending -= moved;
                _moved += moved;
                continue;
            }

            var read = _spliced ? Splice(from, loop) : Copy(from, to, loop);
            switch (read)
            {
                case 0:
                    Release(loop);
                    IsDone = true;
                    return RelayStep.Done;
                case < 0:
                    var waits = IsWait();
                    Release(loop);
                    return waits ? RelayStep.Waits : RelayStep.Broken;
                // A stream that gave less than was asked for is empty, unless its end comes next.
                case < ManyBytes when _pending == 0 && !SenderEnded:
                    _spliced = false;
                    Release(loop);
                    return RelayStep.Waits;
                default:
                    _spliced = read >= ManyBytes;
                    break;
            }
        }

        return RelayStep.Continues;
    }

    /// <summary>Whatever waits is lost.</summary>
    public void Drop(RelayLoop loop)
    {
        if (_hasPipe && _pending > 0)
        {
            _pipe.Close();
            _hasPipe = false;
        }

        Release(loop);
    }

    private static bool IsWait() => Marshal.GetLastPInvokeError() is LibC.EAgain or LibC.EIntr;

    private unsafe nint Splice(int from, RelayLoop loop)
    {
        if (!TryRent(loop))
        {
            _spliced = false;
            Marshal.SetLastPInvokeError(LibC.EMFile);
            return -1;
        }

        var read = LibC.splice(from, null, _pipe.WriteEnd, null, PipePool.Capacity, LibC.SpliceMove | LibC.SpliceNonBlock);
        _pending = Math.Max(0, read);
        return read;
    }

    private unsafe nint Copy(int from, int to, RelayLoop loop)
    {
        var read = LibC.recv(from, loop.Buffer, RelayLoop.BufferSize, LibC.MsgDontWait);
        if (read <= 0)
        {
            return read;
        }

        var sent = LibC.send(to, loop.Buffer, read, LibC.MsgDontWait | LibC.MsgNoSignal);
        _moved += Math.Max(0, sent);
        if (sent == read)
        {
            return read;
        }

        if (sent < 0 && !IsWait())
        {
            return -1;
        }

        sent = Math.Max(0, sent);
        if (!TryRent(loop) || LibC.write(_pipe.WriteEnd, loop.Buffer + sent, read - sent) != read - sent)
        {
            Marshal.SetLastPInvokeError(LibC.EMFile);
            return -1;
        }

        _pending = read - sent;
        return read;
    }

    private bool TryRent(RelayLoop loop) => _hasPipe || (_hasPipe = loop.Pipes.TryRent(out _pipe));

    private void Release(RelayLoop loop)
    {
        if (_hasPipe)
        {
            loop.Pipes.Return(_pipe);
            _hasPipe = false;
        }
    }
}
