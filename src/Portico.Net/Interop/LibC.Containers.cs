using System.Runtime.InteropServices;

namespace Portico.Net.Interop;

/// <summary>What starting a process in namespaces of its own needs.</summary>
internal static unsafe partial class LibC
{
    // sched.h
    public const int CloneFs = 0x200;
    public const int CloneNewNs = 0x20000;
    public const int CloneNewUts = 0x4000000;
    public const int CloneNewPid = 0x20000000;

    // sys/mount.h
    public const nuint MsReadOnly = 1;
    public const nuint MsNoSuid = 2;
    public const nuint MsNoDev = 4;
    public const nuint MsRemount = 32;
    public const nuint MsRecursive = 16384;
    public const nuint MsPrivate = 1 << 18;

    // spawn.h
    public const short PosixSpawnSetSigDef = 4;
    public const short PosixSpawnSetSigMask = 8;
    public const short PosixSpawnSetSid = 0x80;

    public const short PollIn = 1;
    public const int WNoHang = 1;

    // One number on every architecture since Linux 5.3.
    private const long SysPidfdOpen = 434;

    public static int PidfdOpen(int pid) => (int)syscall(SysPidfdOpen, pid, 0);

    public static int PivotRoot(string newRoot, string putOld)
    {
        var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 41 : 155; // asm/unistd.h
        var first = Marshal.StringToCoTaskMemUTF8(newRoot);
        var second = Marshal.StringToCoTaskMemUTF8(putOld);
        try
        {
            return (int)syscall(number, first, second);
        }
        finally
        {
            Marshal.FreeCoTaskMem(first);
            Marshal.FreeCoTaskMem(second);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chdir(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sethostname(string name, nuint length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, ulong* value, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int fd, ulong* value, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fallocate(int fd, int mode, long offset, long length);

    [LibraryImport("libc")]
    public static partial int posix_spawn(int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int from, int to);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nint first, nint second);
}
