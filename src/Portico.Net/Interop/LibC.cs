using System.Runtime.InteropServices;

namespace Portico.Net.Interop;

/// <summary>The few calls of the C library that .NET does not have. All set errno.</summary>
internal static partial class LibC
{
    public const int CloneNewNet = 0x40000000; // CLONE_NEWNET, sched.h
    public const nuint MsBind = 4096; // MS_BIND, mount(2)
    public const int MntDetach = 2; // MNT_DETACH, umount2(2)

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setns(int fd, int type);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string source, string target, string? type, nuint flags, nint data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint if_nametoindex(string name);

    [LibraryImport("libc")]
    public static partial int gettid();

    [LibraryImport("libc")]
    public static partial uint geteuid();
}
