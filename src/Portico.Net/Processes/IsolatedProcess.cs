using System.ComponentModel;
using System.Runtime.InteropServices;
using Portico.Net.Interop;
using Portico.Net.Mounts;
using Portico.Net.Namespaces;

namespace Portico.Net.Processes;

/// <summary>Starts processes in namespaces of their own, from a thread that goes there first: no helper program, nothing to clean up in the caller.</summary>
public static class IsolatedProcess
{
    /// <summary>
    /// Starts in <paramref name="network"/>, with new mount, UTS and PID namespaces. The process is the first of its PID namespace: when it ends, the
    /// kernel kills every process that it left behind. It finds the machine's /proc, and should mount its own.
    /// </summary>
    /// <returns>Process id, as this process sees it. The caller waits for it with <see cref="ProcessExits"/>.</returns>
    /// <exception cref="IOException">A namespace, a mount or the program could not be had; the message says which.</exception>
    public static int Start(NetworkNamespace network, string hostname, MountPlan mounts, Spawn spawn)
    {
        using var native = new NativeSpawn(spawn);
        return NamespaceThread.Run(() =>
        {
            using var ownPids = File.OpenHandle("/proc/self/ns/pid");
            using (var net = File.OpenHandle(network.Path))
            {
                Check(LibC.setns((int)net.DangerousGetHandle(), LibC.CloneNewNet), $"enter network namespace {network.Name}");
            }

            Check(LibC.unshare(LibC.CloneNewNs | LibC.CloneNewUts), "make mount and UTS namespaces");
            Check(LibC.sethostname(hostname, (nuint)hostname.Length), $"set host name {hostname}");
            MountApplier.Apply(mounts);
            return StartInPids(native, (int)ownPids.DangerousGetHandle(), () => LibC.unshare(LibC.CloneNewPid));
        });
    }

    /// <summary>Starts in all namespaces of <paramref name="pid"/>, which must be the first process of its PID namespace.</summary>
    public static int StartBeside(int pid, Spawn spawn)
    {
        using var native = new NativeSpawn(spawn);
        return NamespaceThread.Run(() =>
        {
            using var ownPids = File.OpenHandle("/proc/self/ns/pid");
            using var childPids = File.OpenHandle($"/proc/{pid}/ns/pid");
            var target = LibC.PidfdOpen(pid);
            Check(target, $"find process {pid}");
            try
            {
                // A mount namespace can only be entered by a thread that shares its root directory with no other.
                Check(LibC.unshare(LibC.CloneFs), "leave the shared root directory");
                Check(LibC.setns(target, LibC.CloneNewNet | LibC.CloneNewNs | LibC.CloneNewUts), $"enter the namespaces of process {pid}");
            }
            finally
            {
                _ = LibC.close(target);
            }

            var pids = (int)childPids.DangerousGetHandle();
            return StartInPids(native, (int)ownPids.DangerousGetHandle(), () => LibC.setns(pids, LibC.CloneNewPid));
        });
    }

    // While the thread's children belong to another PID namespace the runtime can't make threads from it: nothing else happens in between.
    private static int StartInPids(NativeSpawn native, int ownPids, Func<int> enter)
    {
        _ = LibC.setns(ownPids, LibC.CloneNewPid);
        Check(enter(), "enter the PID namespace");
        var pid = native.Start(out var error);
        var back = LibC.setns(ownPids, LibC.CloneNewPid);
        if (error != 0)
        {
            throw native.Failure(error);
        }

        Check(back, "leave the PID namespace");
        return pid;
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
        {
            throw new IOException($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }
}
