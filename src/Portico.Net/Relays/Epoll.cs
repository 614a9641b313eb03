using System.ComponentModel;
using System.Runtime.InteropServices;
using Portico.Net.Interop;

namespace Portico.Net.Relays;

/// <summary>epoll(7): each descriptor with a token of the caller's.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    private const int Capacity = 256;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly int TokenOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = TokenOffset + sizeof(ulong);

    private readonly int _descriptor = LibC.epoll_create1(LibC.EpollCloexec);
    private readonly byte* _events = (byte*)NativeMemory.Alloc((nuint)(Capacity * EventSize));

    public Epoll()
    {
        if (_descriptor < 0)
        {
            throw new IOException($"epoll_create1: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    /// <returns>False: the kernel refused (its limit of watched descriptors).</returns>
    public bool TryAdd(int fd, uint events, ulong token)
    {
        var made = stackalloc byte[16];
        *(uint*)made = events;
        *(ulong*)(made + TokenOffset) = token;
        return LibC.epoll_ctl(_descriptor, LibC.EpollCtlAdd, fd, made) == 0;
    }

    public void Remove(int fd)
    {
        var unused = stackalloc byte[16];
        _ = LibC.epoll_ctl(_descriptor, LibC.EpollCtlDel, fd, unused);
    }

    /// <returns>How many are ready; 0 after the timeout.</returns>
    public int Wait(int timeoutMilliseconds) => Math.Max(0, LibC.epoll_wait(_descriptor, _events, Capacity, timeoutMilliseconds));

    public (uint Events, ulong Token) this[int index]
    {
        get
        {
            var found = _events + (index * EventSize);
            return (*(uint*)found, *(ulong*)(found + TokenOffset));
        }
    }

    public void Dispose()
    {
        _ = LibC.close(_descriptor);
        NativeMemory.Free(_events);
    }
}
