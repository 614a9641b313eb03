using System.Runtime.InteropServices;

namespace Portico.Net.Interop;

/// <summary>Readiness, sockets by descriptor, pipes and splice(2).</summary>
internal static unsafe partial class LibC
{
    public const int EpollCloexec = 0x80000; // EPOLL_CLOEXEC
    public const int EpollCtlAdd = 1; // EPOLL_CTL_ADD
    public const int EpollCtlDel = 2; // EPOLL_CTL_DEL
    public const uint EpollIn = 0x001; // EPOLLIN
    public const uint EpollOut = 0x004; // EPOLLOUT
    public const uint EpollErr = 0x008; // EPOLLERR
    public const uint EpollHup = 0x010; // EPOLLHUP
    public const uint EpollRdHup = 0x2000; // EPOLLRDHUP
    public const uint EpollExclusive = 1u << 28; // EPOLLEXCLUSIVE
    public const uint EpollEdge = 1u << 31; // EPOLLET

    public const int AfInet = 2; // AF_INET
    public const int AfInet6 = 10; // AF_INET6
    public const int SockStream = 1; // SOCK_STREAM
    public const int SockNonBlock = 0x800; // SOCK_NONBLOCK, O_NONBLOCK
    public const int SockCloexec = 0x80000; // SOCK_CLOEXEC, O_CLOEXEC, EFD_CLOEXEC
    public const int SoError = 4; // SO_ERROR
    public const int SoKeepAlive = 9; // SO_KEEPALIVE
    public const int SoLinger = 13; // SO_LINGER
    public const int IpProtoTcp = 6; // IPPROTO_TCP
    public const int TcpNoDelay = 1; // TCP_NODELAY
    public const int ShutWr = 1; // SHUT_WR
    public const int MsgNoSignal = 0x4000; // MSG_NOSIGNAL
    public const uint SpliceMove = 1; // SPLICE_F_MOVE
    public const uint SpliceNonBlock = 2; // SPLICE_F_NONBLOCK
    public const int FSetPipeSize = 1031; // F_SETPIPE_SZ

    public const int ENFile = 23; // ENFILE
    public const int EMFile = 24; // EMFILE
    public const int EInProgress = 115; // EINPROGRESS
    public const int EPipe = 32; // EPIPE
    public const int EConnReset = 104; // ECONNRESET

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, byte* @event);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epoll, byte* events, int count, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int accept4(int fd, byte* address, int* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(int fd, byte* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(int fd, int level, int option, int* value, int* length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int fd, int level, int option, int* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shutdown(int fd, int how);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int fd, byte* data, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int fd, byte* data, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, byte* data, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint splice(int from, long* fromOffset, int to, long* toOffset, nint length, uint flags);
}
