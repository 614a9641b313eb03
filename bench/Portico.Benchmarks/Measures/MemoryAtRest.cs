using Portico.Benchmarks.Results;
using Portico.Testing.Clusters;

namespace Portico.Benchmarks.Measures;

/// <summary>Proportional memory of every process of a cluster that nobody uses.</summary>
internal static class MemoryAtRest
{
    // Start-up garbage is collected or returned by then.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(string build, string binary, double barMegabytes, Report report, CancellationToken cancellationToken)
    {
        await using (var empty = new LocalCluster(new() { Prefix = "bench", Binary = binary }))
        {
            (await empty.UpAsync([], cancellationToken)).OrThrow("portico up");
            var (total, roles) = await MeasureAsync(empty, cancellationToken);
            report.Add(new($"{build}: two nodes, two gateways, nothing else", $"{total:F0} MB ({roles})", $"< {barMegabytes:F0} MB", total < barMegabytes));
        }

        await using var shop = new LocalCluster(new() { Prefix = "bench", Binary = binary, Manifests = ["examples/shop"] });
        (await shop.UpAsync([], cancellationToken)).OrThrow("portico up examples/shop");
        var (all, parts) = await MeasureAsync(shop, cancellationToken);
        report.Add(new($"{build}: with examples/shop (five echo pods more)", $"{all:F0} MB ({parts})"));
    }

    private static async Task<(double Megabytes, string Roles)> MeasureAsync(LocalCluster cluster, CancellationToken cancellationToken)
    {
        await Task.Delay(Settle, cancellationToken);
        var processes = ClusterProcesses.Find(cluster)
            .Select(static entry => (Role: Role(entry), Size: ClusterProcesses.ProportionalSetSize(entry.Pid) / 1024.0 / 1024.0))
            .ToList();
        var roles = processes.GroupBy(static one => one.Role).OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => $"{group.Count()} {group.Key} {group.Sum(static one => one.Size):F0}");
        return (processes.Sum(static one => one.Size), string.Join(", ", roles));
    }

    private static string Role(ClusterProcesses.Entry entry) => entry.Role switch
    {
        "up" or "supervise" => "supervisor",
        "" => Path.GetFileName(entry.CommandLine.Split(' ')[0]),
        var role => role,
    };
}
