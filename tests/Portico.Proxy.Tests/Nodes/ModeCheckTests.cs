using Portico.Net.Processes;
using Portico.Proxy.Configuration;
using Portico.Proxy.Nodes;

namespace Portico.Proxy.Tests.Nodes;

public sealed class ModeCheckTests
{
    [Theory]
    [InlineData("nftables v1.0.6 (Lester Gooch #5)", "1.0.6")]
    [InlineData("nftables v1.1 (x)", "1.1")]
    [InlineData("command not found", null)]
    public void VersionOf_Words_TheVersionOrNone(string words, string? version) => Assert.Equal(version, ModeCheck.VersionOf(words)?.ToString());

    [Theory]
    [InlineData(ProxyMode.Nftables)]
    [InlineData(ProxyMode.Iptables)]
    [InlineData(ProxyMode.Userspace)]
    public async Task Problem_EverythingThere_None(ProxyMode mode) => Assert.Null(await ProblemAsync(mode));

    [Theory]
    [InlineData(ProxyMode.Nftables, "mode nftables: nft cannot be run (nft is not installed): install package nftables; mode iptables works here")]
    [InlineData(ProxyMode.Userspace, "mode userspace: nft cannot be run (nft is not installed): install package nftables; mode nftables does not work here either: nft cannot be run (nft is not installed): install package nftables; mode iptables works here")]
    [InlineData(ProxyMode.Iptables, null)]
    public async Task Problem_NoNft_IptablesWorks(ProxyMode mode, string? problem) => Assert.Equal(problem, await ProblemAsync(mode, nft: null));

    [Fact]
    public async Task Problem_OldNft_SaysWhichAndIptablesWorks() => Assert.Equal(
        "mode nftables: nft --version says \"nftables v0.9.8 (E.D.S.)\": at least 1.0.1 is needed; mode iptables works here",
        await ProblemAsync(ProxyMode.Nftables, nft: "nftables v0.9.8 (E.D.S.)"));

    [Fact]
    public async Task Problem_KernelWithoutNfTables_SaysWhatNftSaid() => Assert.Equal(
        "mode nftables: the kernel's nf_tables does not take the rules (Operation not supported); mode iptables works here",
        await ProblemAsync(ProxyMode.Nftables, refusedBy: "nft"));

    [Fact]
    public async Task Problem_KernelWithoutIptables_NftablesWorks() => Assert.Equal(
        "mode iptables: iptables-restore and this kernel do not take the rules (Operation not supported); mode nftables works here",
        await ProblemAsync(ProxyMode.Iptables, refusedBy: "iptables-restore"));

    [Fact]
    public async Task Problem_NoIptables_NftablesWorks() => Assert.Equal(
        "mode iptables: iptables-restore cannot be run (iptables-restore is not installed): install package iptables; mode nftables works here",
        await ProblemAsync(ProxyMode.Iptables, iptables: false));

    [Fact]
    public async Task Problem_NeitherTool_EachIsNamed()
    {
        var problem = await ProblemAsync(ProxyMode.Nftables, nft: null, iptables: false);
        Assert.StartsWith("mode nftables: nft cannot be run", problem, StringComparison.Ordinal);
        Assert.Contains("mode iptables does not work here either: iptables-restore cannot be run", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("works here", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProxyMode.Nftables, true)]
    [InlineData(ProxyMode.Iptables, true)]
    [InlineData(ProxyMode.Userspace, false)]
    public async Task Problem_NoNetAdmin_UserspaceWorks(ProxyMode mode, bool isProblem)
    {
        var problem = await ProblemAsync(mode, canChangeNetwork: false);
        Assert.Equal(isProblem, problem is not null);
        if (problem is not null)
        {
            Assert.StartsWith($"mode {mode.NameOf()}: needs the capability NET_ADMIN", problem, StringComparison.Ordinal);
            Assert.EndsWith("; mode userspace works here", problem, StringComparison.Ordinal);
        }
    }

    private static Task<string?> ProblemAsync(
        ProxyMode mode, string? nft = "nftables v1.0.6 (Lester Gooch #5)", bool iptables = true, string refusedBy = "", bool canChangeNetwork = true) =>
        ModeCheck.ProblemAsync(Make.Options(mode), canChangeNetwork, (program, arguments, _) =>
        {
            if (program == "nft" ? nft is null : !iptables)
            {
                throw new FileNotFoundException($"{program} is not installed");
            }

            var refused = program == refusedBy && arguments is not ["--version"];
            return Task.FromResult(new CommandResult(refused ? 1 : 0, arguments is ["--version"] ? nft! : "", refused ? "Operation not supported\nmore" : ""));
        });
}
