using System.Globalization;
using Portico.Net.Interop;
using Portico.Net.Processes;

namespace Portico.Net.Namespaces;

/// <summary>The processes in a network namespace, whoever started them.</summary>
public static class NamespaceProcesses
{
    /// <summary>Ends all of them. Nothing happens when there is no such namespace.</summary>
    public static void Kill(NetworkNamespace network)
    {
        if (!network.Exists || IdentityOf(network) is not { } identity || identity == Target("/proc/self/ns/net"))
        {
            return;
        }

        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && pid != Environment.ProcessId
                && Target($"{directory}/ns/net") == identity)
            {
                ProcessSignals.Kill(pid);
            }
        }
    }

    // The link of a process's namespace names its inode; that of a mounted one is only known to those inside.
    private static string? IdentityOf(NetworkNamespace network)
    {
        try
        {
            return network.Run(() => Target($"/proc/self/task/{LibC.gettid()}/ns/net"));
        }
        catch (IOException)
        {
            // A file without a mounted namespace, as a crash between the two leaves it.
            return null;
        }
    }

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
