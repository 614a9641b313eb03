using System.Net.Sockets;
using System.Text.RegularExpressions;
using Portico.Net.Processes;
using Portico.Proxy.Configuration;
using Portico.Proxy.Iptables;
using Portico.Proxy.Nftables;

namespace Portico.Proxy.Nodes;

/// <summary>Whether this machine can carry a mode, asked before anything is changed.</summary>
public static partial class ModeCheck
{
    private static readonly Version LeastNft = new(1, 0, 1); // as upstream's nftables mode

    internal delegate Task<CommandResult> Run(string program, IReadOnlyList<string> arguments, string? input);

    /// <summary>Null when it can; otherwise what is missing, and the mode that would work.</summary>
    public static Task<string?> ProblemAsync(ServiceProxyOptions options, CancellationToken cancellationToken) => ProblemAsync(
        options, Privileges.CanChangeNetwork,
        (program, arguments, input) => Command.RunInAsync(options.Namespace, program, arguments, input, cancellationToken));

    internal static async Task<string?> ProblemAsync(ServiceProxyOptions options, bool canChangeNetwork, Run run)
    {
        if (await MissingAsync(options, canChangeNetwork, run) is not { } missing)
        {
            return null;
        }

        var problem = $"mode {options.Mode.NameOf()}: {missing}";
        foreach (var other in Enum.GetValues<ProxyMode>().Where(other => other != options.Mode))
        {
            if (await MissingAsync(options with { Mode = other }, canChangeNetwork, run) is not { } missingToo)
            {
                return $"{problem}; mode {other.NameOf()} works here";
            }

            problem += $"; mode {other.NameOf()} does not work here either: {missingToo}";
        }

        return problem;
    }

    /// <summary>The version in the words of <c>nft --version</c>; null when there is none.</summary>
    internal static Version? VersionOf(string words) => VersionPattern().Match(words) is { Success: true } found ? Version.Parse(found.Groups[1].Value) : null;

    private static async Task<string?> MissingAsync(ServiceProxyOptions options, bool canChangeNetwork, Run run)
    {
        if (!canChangeNetwork)
        {
            return options.Mode == ProxyMode.Userspace ? null : "needs the capability NET_ADMIN, which this process does not have";
        }

        return options.Mode == ProxyMode.Iptables ? await MissingForIptablesAsync(options, run) : await MissingForNftablesAsync(options, run);
    }

    private static async Task<string?> MissingForNftablesAsync(ServiceProxyOptions options, Run run)
    {
        try
        {
            var told = await run("nft", ["--version"], null);
            if (VersionOf(told.Output) is not { } version || version < LeastNft)
            {
                return $"nft --version says \"{told.Output.Trim()}\": at least {LeastNft} is needed";
            }

            // The whole layout under another name, checked by the kernel and not kept: what it cannot do shows here.
            var script = new Layout(options).Base([]).Replace(Layout.Table, Layout.Table + "-check", StringComparison.Ordinal);
            var check = await run("nft", ["--check", "-f", "-"], script);
            return check.ExitCode == 0 ? null : $"the kernel's nf_tables does not take the rules ({check.Error.Split('\n')[0].Trim()})";
        }
        catch (IOException missing)
        {
            return $"nft cannot be run ({missing.Message}): install package nftables";
        }
    }

    private static async Task<string?> MissingForIptablesAsync(ServiceProxyOptions options, Run run)
    {
        var program = options.Family == AddressFamily.InterNetworkV6 ? "ip6tables-restore" : "iptables-restore";
        try
        {
            var check = await run(program, ["--test", "--noflush"], FixedRules.Check(options));
            return check.ExitCode == 0 ? null : $"{program} and this kernel do not take the rules ({check.Error.Split('\n')[0].Trim()})";
        }
        catch (IOException missing)
        {
            return $"{program} cannot be run ({missing.Message}): install package iptables";
        }
    }

    [GeneratedRegex(@"v(\d+\.\d+(\.\d+)?)")]
    private static partial Regex VersionPattern();
}
