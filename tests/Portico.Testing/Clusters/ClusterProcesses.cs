using System.Globalization;
using System.Text;

namespace Portico.Testing.Clusters;

/// <summary>The processes of a cluster, found as the kernel sees them: by their PORTICO_HOME and by the network namespace that they are in.</summary>
public static class ClusterProcesses
{
    /// <param name="NetworkNamespace">Name of the cluster's namespace that it is in; empty for the machine's.</param>
    public sealed record Entry(int Pid, string CommandLine, string NetworkNamespace)
    {
        /// <summary>What the program was started as (up, node, gateway…); empty for other programs.</summary>
        public string Role => CommandLine.Split(' ') is [var program, var role, ..] && Path.GetFileName(program) == "portico" ? role : "";
    }

    public static IReadOnlyList<Entry> Find(LocalCluster cluster)
    {
        var namespaces = Portico.Net.Namespaces.NetworkNamespace.List(cluster.NamespacePrefix)
            .Select(static one => (one.Name, Inode: Inode(one.Path)))
            .Where(static one => one.Inode is not null)
            .ToDictionary(static one => one.Inode!, static one => one.Name);
        var marker = $"PORTICO_HOME={cluster.Home}";
        var found = new List<Entry>();
        foreach (var pid in Pids())
        {
            var space = LinkTarget($"/proc/{pid}/ns/net") is { } inode && namespaces.TryGetValue(inode, out var name) ? name : "";
            if (space.Length > 0 || Variables(pid).Contains(marker))
            {
                found.Add(new(pid, CommandLine(pid), space));
            }
        }

        // Our own verbs, which come and go, are no part of it.
        return [.. found.Where(static entry => entry.CommandLine.Length > 0 && !entry.CommandLine.StartsWith("env ", StringComparison.Ordinal))];
    }

    /// <summary>Proportional set size, in bytes; 0 when the process is gone.</summary>
    public static long ProportionalSetSize(int pid)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{pid}/smaps_rollup"))
            {
                if (line.StartsWith("Pss:", StringComparison.Ordinal))
                {
                    return 1024 * long.Parse(line.AsSpan(4).TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture);
                }
            }
        }
        catch (IOException)
        {
            // Ended meanwhile.
        }

        return 0;
    }

    /// <summary>User and system time that the process has used, in seconds; 0 when it is gone.</summary>
    public static double ProcessorTime(int pid)
    {
        const double ticksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The name, in brackets, may hold spaces; utime and stime are the 14th and 15th field, proc(5).
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / ticksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static IEnumerable<int> Pids() =>
        from path in Directory.EnumerateDirectories("/proc")
        let name = Path.GetFileName(path)
        where int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select int.Parse(name, CultureInfo.InvariantCulture);

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A bind-mounted namespace is no link: its inode number is the one in the links' text.
    private static string? Inode(string path)
    {
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-L", "-c", "net:[%i]", path])
        {
            RedirectStandardOutput = true,
        })!;
        var text = stat.StandardOutput.ReadToEnd().Trim();
        stat.WaitForExit();
        return text.Length > 0 ? text : null;
    }

    private static HashSet<string> Variables(int pid) => [.. Strings($"/proc/{pid}/environ")];

    private static string CommandLine(int pid) => string.Join(' ', Strings($"/proc/{pid}/cmdline"));

    private static string[] Strings(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
