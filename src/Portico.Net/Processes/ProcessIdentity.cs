using System.Globalization;

namespace Portico.Net.Processes;

/// <summary>A process that can't be confused with a later one of the same number.</summary>
/// <param name="StartTime">Clock ticks since boot, field 22 of <c>/proc/PID/stat</c>.</param>
public readonly record struct ProcessIdentity(int Pid, long StartTime)
{
    /// <summary>It runs; a process that has ended and waits for its parent doesn't.</summary>
    public bool IsAlive => ReadStat(Pid) is { } stat && stat.StartTime == StartTime && stat.State is not ('Z' or 'X');

    /// <summary>Null: there is no such process.</summary>
    public static ProcessIdentity? Of(int pid) => ReadStat(pid) is { } stat ? new(pid, stat.StartTime) : null;

    /// <summary>Direct children, oldest first.</summary>
    public static IReadOnlyList<int> Children(int parent)
    {
        var children = new List<(long Started, int Pid)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && ReadStat(pid) is { } stat && stat.Parent == parent)
            {
                children.Add((stat.StartTime, pid));
            }
        }

        children.Sort();
        return [.. children.Select(child => child.Pid)];
    }

    /// <summary>Program and arguments. Empty: there is no such process, or it has ended.</summary>
    public static IReadOnlyList<string> CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0')[..^1];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Ends it, unless the number belongs to another process by now.</summary>
    public void Kill()
    {
        if (IsAlive)
        {
            ProcessSignals.Kill(Pid);
        }
    }

    private static (char State, int Parent, long StartTime)? ReadStat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            // The name stands in parentheses and may contain both spaces and parentheses: count from the last one.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
