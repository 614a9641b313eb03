using System.Runtime.InteropServices;

namespace Portico.Net.Interop;

internal static partial class LibC
{
    public const int AfNetlink = 16; // AF_NETLINK
    public const int SockRawCloexec = 3 | 0x80000; // SOCK_RAW | SOCK_CLOEXEC
    public const int SolSocket = 1; // SOL_SOCKET
    public const int SoSndBufForce = 32; // SO_SNDBUFFORCE
    public const int SoRcvBufForce = 33; // SO_RCVBUFFORCE
    public const int SoAttachFilter = 26; // SO_ATTACH_FILTER
    public const int MsgTrunc = 0x20; // MSG_TRUNC
    public const int MsgDontWait = 0x40; // MSG_DONTWAIT
    public const int ENoBufs = 105; // ENOBUFS
    public const int EAgain = 11; // EAGAIN
    public const int EIntr = 4; // EINTR

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int fd, in SockAddrNetlink address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockname(int fd, ref SockAddrNetlink address, ref int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int fd, int level, int option, in int value, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int fd, int level, int option, in SockFilterProgram value, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendto(int fd, ReadOnlySpan<byte> data, nint length, int flags, in SockAddrNetlink address, int addressLength);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int fd, Span<byte> data, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(ref PollFd descriptors, nuint count, int timeoutMilliseconds);

    /// <summary>struct sockaddr_nl, linux/netlink.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SockAddrNetlink
    {
        public ushort Family;
        public ushort Pad;
        public uint Pid;
        public uint Groups;
    }

    /// <summary>struct sock_filter, linux/filter.h: an instruction of classic BPF.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SockFilter
    {
        public ushort Code;
        public byte IfTrue;
        public byte IfFalse;
        public uint Operand;
    }

    /// <summary>struct sock_fprog, linux/filter.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct SockFilterProgram
    {
        public ushort Length;
        public SockFilter* Instructions;
    }

    /// <summary>struct pollfd, poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
