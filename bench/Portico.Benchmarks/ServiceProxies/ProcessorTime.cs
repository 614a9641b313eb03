using System.Globalization;

namespace Portico.Benchmarks.ServiceProxies;

internal static class ProcessorTime
{
    private const double TicksPerSecond = 100; // USER_HZ

    /// <summary>User and system time of a process and of its children that have ended, in seconds.</summary>
    public static double Of(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[11..15].Sum(static field => long.Parse(field, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
