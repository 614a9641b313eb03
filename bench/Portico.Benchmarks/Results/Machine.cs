using System.Globalization;
using System.Runtime.InteropServices;

namespace Portico.Benchmarks.Results;

internal static class Machine
{
    public static string Describe()
    {
        var processor = Field("/proc/cpuinfo", "model name");
        var memory = long.Parse(Field("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / 1024 / 1024;
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        return $"{Environment.ProcessorCount} CPUs ({processor}), {memory} GB, Linux {kernel}, .NET {Environment.Version}, {RuntimeInformation.OSArchitecture}";
    }

    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}
