using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using Portico.Net.Interop;
using Portico.Net.Namespaces;

namespace Portico.Net.Relays;

/// <summary>A thread that waits for all of its descriptors at once. Everything but <see cref="Post"/> and <see cref="Dispose"/> happens on it.</summary>
internal sealed unsafe class RelayLoop : IDisposable
{
    public const int BufferSize = 64 * 1024;

    private const ulong WakeToken = ulong.MaxValue;
    private const uint StreamEvents = LibC.EpollIn | LibC.EpollOut | LibC.EpollRdHup | LibC.EpollEdge;

    [ThreadStatic]
    private static RelayLoop? _current;

    private readonly Lock _lock = new();
    private readonly Epoll _epoll = new();
    private readonly int _wake = LibC.eventfd(0, LibC.SockNonBlock | LibC.SockCloexec);
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private readonly Dictionary<RelayListener, int> _listeners = [];
    private readonly Queue<(RelayConnection Connection, int Dial, long Deadline)>[] _dials = new Queue<(RelayConnection, int, long)>[RelayConnection.DialTries];
    private readonly Stack<int> _free = [];
    private readonly List<int> _forgotten = [];
    private IReadiness?[] _slots = new IReadiness?[64];
    private List<RelayConnection> _continuing = [];
    private List<RelayConnection> _next = [];
    private List<Action> _posted = [];
    private int _used;
    private int _reserve;
    private bool _stopped;

    /// <exception cref="IOException">The namespace is not there, or descriptors ran out.</exception>
    public RelayLoop(NetworkNamespace? inside, TimeProvider time, string name)
    {
        _time = time;
        for (var i = 0; i < _dials.Length; i++)
        {
            _dials[i] = new();
        }

        if (_wake < 0 || !_epoll.TryAdd(_wake, LibC.EpollIn, WakeToken))
        {
            throw new IOException($"eventfd: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        _reserve = Reserve();
        _thread = inside is null ? new(Run) { Name = name } : inside.RunThread(Run, name);
        if (inside is null)
        {
            _thread.Start();
        }
    }

    public static RelayLoop Current => _current!;

    public byte* Buffer { get; } = (byte*)NativeMemory.Alloc(BufferSize);

    public PipePool Pipes { get; } = new();

    /// <returns>False: it has ended.</returns>
    public bool Post(Action action)
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return false;
            }

            _posted.Add(action);
            Wake();
            return true;
        }
    }

    public void Dispose()
    {
        Post(() => _stopped = true);
        _thread.Join();
        _epoll.Dispose();
        Pipes.Dispose();
        NativeMemory.Free(Buffer);
        _ = LibC.close(_wake);
        _ = LibC.close(_reserve);
    }

    public void Listen(RelayListener listener)
    {
        var slot = Keep(listener);
        _listeners[listener] = slot;
        _ = _epoll.TryAdd(listener.Descriptor, LibC.EpollIn | LibC.EpollExclusive, Token(slot, 0));
    }

    public void Unlisten(RelayListener listener)
    {
        if (_listeners.Remove(listener, out var slot))
        {
            _epoll.Remove(listener.Descriptor);
            Forget(slot);
        }
    }

    public void Break(RelayListener listener, Func<IPEndPoint, bool> matches)
    {
        for (var slot = 0; slot < _used; slot++)
        {
            if (_slots[slot] is RelayConnection connection && connection.Listener == listener && connection.Endpoint is { } endpoint && matches(endpoint))
            {
                connection.Break();
            }
        }
    }

    /// <summary>Out of descriptors: takes the next client off the queue with the one that is kept for this, so that it is told at once.</summary>
    public bool Refuse(int listener)
    {
        if (_reserve < 0)
        {
            return false;
        }

        _ = LibC.close(_reserve);
        var client = LibC.accept4(listener, null, null, LibC.SockCloexec);
        if (client >= 0)
        {
            RelayConnection.SetLinger(client);
            _ = LibC.close(client);
        }

        _reserve = Reserve();
        return client >= 0;
    }

    /// <returns>Its slot, for <see cref="TryWatch"/> and <see cref="Forget"/>.</returns>
    public int Keep(IReadiness target)
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _used++;
            if (slot == _slots.Length)
            {
                Array.Resize(ref _slots, slot * 2);
            }
        }

        _slots[slot] = target;
        return slot;
    }

    // Events of this round may still name the slot: it is given away only after them.
    public void Forget(int slot)
    {
        _slots[slot] = null;
        _forgotten.Add(slot);
    }

    /// <summary>Both ends of a stream, told once for each change.</summary>
    public bool TryWatch(int fd, int slot, int side) => _epoll.TryAdd(fd, StreamEvents, Token(slot, side));

    public void NoteDial(RelayConnection connection, int dial, int milliseconds) =>
        _dials[dial - 1].Enqueue((connection, dial, _time.GetTimestamp() + (_time.TimestampFrequency * milliseconds / 1000)));

    public void Continue(RelayConnection connection) => _continuing.Add(connection);

    private static int Reserve() => LibC.eventfd(0, LibC.SockCloexec);

    private static ulong Token(int slot, int side) => ((ulong)slot << 1) | (uint)side;

    private void Run()
    {
        _current = this;
        while (!_stopped)
        {
            var ready = _epoll.Wait(_continuing.Count > 0 ? 0 : NextDialTimeout());
            for (var i = 0; i < ready; i++)
            {
                var (events, token) = _epoll[i];
                if (token == WakeToken)
                {
                    RunPosted();
                }
                else
                {
                    _slots[(int)(token >> 1)]?.OnReady(events, (int)(token & 1));
                }
            }

            RunContinuing();
            RunDialTimeouts();
            foreach (var slot in _forgotten)
            {
                _free.Push(slot);
            }

            _forgotten.Clear();
        }

        for (var slot = 0; slot < _used; slot++)
        {
            (_slots[slot] as RelayConnection)?.Break();
        }
    }

    private void RunPosted()
    {
        ulong count;
        _ = LibC.read(_wake, &count, sizeof(ulong));
        List<Action> posted;
        lock (_lock)
        {
            (posted, _posted) = (_posted, []);
        }

        foreach (var action in posted)
        {
            action();
        }
    }

    private void RunContinuing()
    {
        if (_continuing.Count > 0)
        {
            (_continuing, _next) = (_next, _continuing);
            foreach (var connection in _next)
            {
                connection.Continue();
            }

            _next.Clear();
        }
    }

    // Each queue has one timeout, so it is in the order of its deadlines.
    private void RunDialTimeouts()
    {
        var now = _time.GetTimestamp();
        foreach (var queue in _dials)
        {
            while (queue.TryPeek(out var first) && first.Deadline <= now)
            {
                queue.Dequeue();
                first.Connection.OnDialTimeout(first.Dial);
            }
        }
    }

    private int NextDialTimeout()
    {
        var earliest = long.MaxValue;
        foreach (var queue in _dials)
        {
            if (queue.TryPeek(out var first))
            {
                earliest = Math.Min(earliest, first.Deadline);
            }
        }

        return earliest == long.MaxValue ? -1 : (int)Math.Max(0, ((earliest - _time.GetTimestamp()) * 1000 / _time.TimestampFrequency) + 1);
    }

    private void Wake()
    {
        var one = 1UL;
        _ = LibC.write(_wake, &one, sizeof(ulong));
    }
}
