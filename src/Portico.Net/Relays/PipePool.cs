using Portico.Net.Interop;

namespace Portico.Net.Relays;

/// <summary>Empty pipes for splice(2), of one loop. A connection has one only while bytes wait in it.</summary>
internal sealed unsafe class PipePool : IDisposable
{
    /// <summary>A quarter of what an unprivileged pipe may be: enough that a call moves what a receive window holds.</summary>
    public const int Capacity = 256 * 1024;

    private const int IdleLimit = 64;

    private readonly Stack<Pipe> _idle = [];

    public bool TryRent(out Pipe pipe)
    {
        if (_idle.TryPop(out pipe))
        {
            return true;
        }

        var ends = stackalloc int[2];
        if (LibC.pipe2(ends, LibC.SockNonBlock | LibC.SockCloexec) < 0)
        {
            return false;
        }

        // Refused above the user's share of pipe memory: then it is as large as it is.
        _ = LibC.fcntl(ends[1], LibC.FSetPipeSize, Capacity);
        pipe = new(ends[0], ends[1]);
        return true;
    }

    /// <param name="pipe">Empty.</param>
    public void Return(Pipe pipe)
    {
        if (_idle.Count < IdleLimit)
        {
            _idle.Push(pipe);
        }
        else
        {
            pipe.Close();
        }
    }

    public void Dispose()
    {
        while (_idle.TryPop(out var pipe))
        {
            pipe.Close();
        }
    }
}
