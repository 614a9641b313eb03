using Portico.Net.Processes;
using Portico.Proxy;

namespace Portico.Cli.Preflight;

/// <summary>Programs of the system that the local shape runs, and the Debian packages that bring them.</summary>
public static class SystemTools
{
    private static readonly (string Program, string Package)[] Always =
    [
        ("ip", "iproute2"), ("nft", "nftables"), ("nsenter", "util-linux"), ("unshare", "util-linux"), ("setsid", "util-linux"), ("mount", "mount"),
    ];

    /// <summary>Installs what is missing with apt, after saying so.</summary>
    /// <returns>Null when everything is there; otherwise a sentence that says what is missing and what to do.</returns>
    public static async Task<string?> EnsureAsync(ProxyMode mode, Action<string> say, CancellationToken cancellationToken)
    {
        (string Program, string Package)[] needed = mode == ProxyMode.Iptables ? [.. Always, ("iptables-restore", "iptables")] : Always;
        var packages = Missing(needed).Select(tool => tool.Package).Distinct().ToList();
        if (packages.Count == 0)
        {
            return null;
        }

        if (!IsThere("apt-get"))
        {
            return $"missing on this machine: {Names(needed)}. There is no apt-get here; install them with the system's own package manager";
        }

        say($"installing with apt-get: {string.Join(' ', packages)}");
        var update = await AptAsync(["update", "-qq"], cancellationToken);
        var install = await AptAsync(["install", "-y", "-qq", "--no-install-recommends", .. packages], cancellationToken);
        if (Missing(needed).Any())
        {
            var words = (install.ExitCode != 0 ? install : update).Error.Trim();
            return $"missing on this machine: {Names(needed)}. apt-get could not bring them: {words}. Install them by hand: apt-get install {string.Join(' ', packages)}";
        }

        return null;
    }

    private static string Names((string Program, string Package)[] needed) => string.Join(", ", Missing(needed).Select(tool => $"{tool.Program} (package {tool.Package})"));

    private static IEnumerable<(string Program, string Package)> Missing((string Program, string Package)[] needed) => needed.Where(tool => !IsThere(tool.Program));

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));

    private static Task<CommandResult> AptAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Command.RunAsync("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", .. arguments], null, TimeSpan.FromMinutes(10), cancellationToken);
}
