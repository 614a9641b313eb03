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

    /// <summary>Null when it can; otherwise what is missing, and the mode that would work.</summary>
    public static async Task<string?> ProblemAsync(ServiceProxyOptions options, CancellationToken cancellationToken)
    {
        if (!Privileges.CanChangeNetwork)
        {
            return options.Mode == ProxyMode.Userspace ? null : $"mode {options.Mode.NameOf()} needs the capability NET_ADMIN, which this process does not have; mode userspace works without";
        }

        return options.Mode == ProxyMode.Iptables ? await IptablesProblemAsync(options, cancellationToken) : await NftablesProblemAsync(options, cancellationToken);
    }

    /// <summary>The version in the words of <c>nft --version</c>; null when there is none.</summary>
    internal static Version? VersionOf(string words) => VersionPattern().Match(words) is { Success: true } found ? Version.Parse(found.Groups[1].Value) : null;

    private static async Task<string?> NftablesProblemAsync(ServiceProxyOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var told = await Command.RunInAsync(options.Namespace, "nft", ["--version"], null, cancellationToken);
            if (VersionOf(told.Output) is not { } version || version < LeastNft)
            {
                return $"nft --version says \"{told.Output.Trim()}\": at least {LeastNft} is needed; mode iptables works without";
            }

            // The whole layout under another name, checked by the kernel and not kept: what it cannot do shows here.
            var script = new Layout(options).Base([]).Replace(Layout.Table, Layout.Table + "-check", StringComparison.Ordinal);
            var check = await Command.RunInAsync(options.Namespace, "nft", ["--check", "-f", "-"], script, cancellationToken);
            return check.ExitCode == 0
                ? null
                : $"the kernel's nf_tables does not take the rules ({check.Error.Split('\n')[0].Trim()}); mode iptables works without nf_tables";
        }
        catch (IOException missing)
        {
            return $"nft cannot be run ({missing.Message}): install package nftables; mode iptables works without";
        }
    }

    private static async Task<string?> IptablesProblemAsync(ServiceProxyOptions options, CancellationToken cancellationToken)
    {
        var program = options.Family == AddressFamily.InterNetworkV6 ? "ip6tables-restore" : "iptables-restore";
        try
        {
            var check = await Command.RunInAsync(options.Namespace, program, ["--test", "--noflush"], FixedRules.Check(options), cancellationToken);
            return check.ExitCode == 0
                ? null
                : $"{program} and this kernel do not take the rules ({check.Error.Split('\n')[0].Trim()}); mode nftables works without iptables";
        }
        catch (IOException missing)
        {
            return $"{program} cannot be run ({missing.Message}): install package iptables; mode nftables works without";
        }
    }

    [GeneratedRegex(@"v(\d+\.\d+(\.\d+)?)")]
    private static partial Regex VersionPattern();
}
