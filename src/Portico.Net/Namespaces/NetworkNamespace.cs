using System.ComponentModel;
using System.Runtime.InteropServices;
using Portico.Net.Interop;

namespace Portico.Net.Namespaces;

/// <summary>
/// A named network namespace, kept alive by a mount on <c>/run/netns/NAME</c> as iproute2 does it, so that <c>ip netns</c> sees it too.
/// </summary>
public sealed record NetworkNamespace(string Name)
{
    public const string Directory = "/run/netns";

    public string Path => System.IO.Path.Combine(Directory, Name);

    public bool Exists => File.Exists(Path);

    public static IReadOnlyList<NetworkNamespace> List(string prefix) =>
        System.IO.Directory.Exists(Directory)
            ? [.. System.IO.Directory.EnumerateFiles(Directory, prefix + "*").Select(path => new NetworkNamespace(System.IO.Path.GetFileName(path)))]
            : [];

    /// <summary>Makes the namespace with only a loopback interface, which is down.</summary>
    /// <exception cref="IOException">It exists already, or the kernel refused.</exception>
    public static NetworkNamespace Create(string name)
    {
        var made = new NetworkNamespace(name);
        System.IO.Directory.CreateDirectory(Directory);
        new FileStream(made.Path, FileMode.CreateNew).Dispose();
        try
        {
            NamespaceThread.Run(() =>
            {
                Check(LibC.unshare(LibC.CloneNewNet), $"create network namespace {name}");
                Check(LibC.mount($"/proc/self/task/{LibC.gettid()}/ns/net", made.Path, null, LibC.MsBind, 0), $"mount network namespace {name}");
                return 0;
            });
        }
        catch
        {
            File.Delete(made.Path);
            throw;
        }

        return made;
    }

    /// <summary>Removes the name; the namespace itself goes with its last process and socket. Nothing happens when there is none.</summary>
    public void Delete()
    {
        if (Exists)
        {
            _ = LibC.umount2(Path, LibC.MntDetach);
            File.Delete(Path);
        }
    }

    /// <summary>
    /// Runs <paramref name="action"/> on a thread of its own inside the namespace. A socket that it makes stays in the namespace for good.
    /// </summary>
    public T Run<T>(Func<T> action) => NamespaceThread.Run(() =>
    {
        Enter();
        return action();
    });

    /// <summary>Starts a thread inside the namespace that may run for long.</summary>
    /// <exception cref="IOException">There is no such namespace, or no right to enter it.</exception>
    public Thread RunThread(Action action, string name)
    {
        var entered = new TaskCompletionSource();
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                entered.SetResult();
            }
            catch (IOException refused)
            {
                entered.SetException(refused);
                return;
            }

            action();
        })
        { Name = name };
        thread.Start();
        entered.Task.GetAwaiter().GetResult();
        return thread;
    }

    private void Enter()
    {
        using var handle = File.OpenHandle(Path);
        Check(LibC.setns((int)handle.DangerousGetHandle(), LibC.CloneNewNet), $"enter network namespace {Name}");
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
        {
            throw new IOException($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }
}
