using System.ComponentModel;
using System.Runtime.InteropServices;
using Portico.Net.Interop;

namespace Portico.Net.Mounts;

/// <summary>
/// Makes the mounts of a plan, on a thread that has a mount namespace of its own. A target that is not there is made in a copy of its parent
/// directory, whose entries are binds of the real ones: the machine's own directory stays as it is.
/// </summary>
internal static class MountApplier
{
    public static void Apply(MountPlan plan)
    {
        Mount("", "/", null, LibC.MsRecursive | LibC.MsPrivate);
        foreach (var directory in plan.Empty)
        {
            MountMemory(directory);
        }

        Mirror(plan);
        foreach (var bind in plan.Binds)
        {
            var target = MakeTarget(bind);
            Mount(bind.Source, target, null, LibC.MsBind | LibC.MsRecursive);
            if (bind.ReadOnly)
            {
                Mount("", target, null, LibC.MsBind | LibC.MsRemount | LibC.MsReadOnly);
            }
        }
    }

    private static void Mirror(MountPlan plan)
    {
        var parents = new List<string>();
        foreach (var bind in plan.Binds)
        {
            var target = Resolve(bind.Target);
            if (!Path.Exists(target) && !plan.Binds.Any(other => other != bind && IsBelow(target, other.Target)) && !plan.Empty.Any(empty => IsBelow(target, empty)))
            {
                parents.Add(ExistingParent(target));
            }
        }

        if (parents.Count == 0)
        {
            return;
        }

        MountMemory(plan.Staging);
        var index = 0;
        foreach (var parent in parents.Distinct().Where(parent => parent != "/"))
        {
            var real = Path.Combine(plan.Staging, $"{index++}");
            Directory.CreateDirectory(real);
            Mount(parent, real, null, LibC.MsBind | LibC.MsRecursive);
            MountMemory(parent);
            CopyEntries(real, parent);
            Check(LibC.umount2(real, LibC.MntDetach), $"unmount {real}");
        }

        if (parents.Contains("/"))
        {
            ChangeRoot(Path.Combine(plan.Staging, "root"));
        }

        Check(LibC.umount2(plan.Staging, LibC.MntDetach), $"unmount {plan.Staging}");
    }

    private static void ChangeRoot(string root)
    {
        Directory.CreateDirectory(root);
        MountMemory(root);
        CopyEntries("/", root);
        var old = Path.Combine(root, ".old");
        Directory.CreateDirectory(old);
        Check(LibC.PivotRoot(root, old), $"change the root directory to {root}");
        Check(LibC.chdir("/"), "change to the new root directory");
        Check(LibC.umount2("/.old", LibC.MntDetach), "unmount the old root directory");
        Directory.Delete("/.old");
    }

    private static void CopyEntries(string from, string to)
    {
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            var target = Path.Combine(to, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                File.CreateSymbolicLink(target, link);
                continue;
            }

            MakeEmpty(target, entry is DirectoryInfo);
            Mount(entry.FullName, target, null, LibC.MsBind | LibC.MsRecursive);
        }
    }

    private static string MakeTarget(BindMount bind)
    {
        var target = Resolve(bind.Target);
        if (!Path.Exists(target))
        {
            MakeEmpty(target, Directory.Exists(bind.Source));
        }

        return target;
    }

    private static void MakeEmpty(string path, bool directory)
    {
        if (directory)
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, []);
    }

    // Follows the links of every part, also of a target that does not exist (mount(2) would create nothing).
    private static string Resolve(string path)
    {
        var resolved = "/";
        var followed = 0;
        var parts = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (parts.TryPop(out var part))
        {
            if (part is "." or "..")
            {
                resolved = part == "." ? resolved : Path.GetDirectoryName(resolved) ?? "/";
                continue;
            }

            var next = Path.Combine(resolved, part);
            if (new FileInfo(next).LinkTarget is not { } link || ++followed > 40)
            {
                resolved = next;
                continue;
            }

            resolved = link.StartsWith('/') ? "/" : resolved;
            foreach (var linked in link.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                parts.Push(linked);
            }
        }

        return resolved;
    }

    private static string ExistingParent(string path)
    {
        var parent = Path.GetDirectoryName(path) ?? "/";
        while (!Directory.Exists(parent))
        {
            parent = Path.GetDirectoryName(parent) ?? "/";
        }

        return parent;
    }

    private static bool IsBelow(string path, string directory) => path.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal);

    private static void MountMemory(string target)
    {
        var mode = File.GetUnixFileMode(target);
        Mount("tmpfs", target, "tmpfs", LibC.MsNoSuid | LibC.MsNoDev);
        File.SetUnixFileMode(target, mode);
    }

    private static void Mount(string source, string target, string? type, nuint flags) =>
        Check(LibC.mount(source, target, type, flags, 0), $"mount {(source.Length > 0 ? source + " at " : "")}{target}");

    private static void Check(int result, string what)
    {
        if (result < 0)
        {
            throw new IOException($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }
}
