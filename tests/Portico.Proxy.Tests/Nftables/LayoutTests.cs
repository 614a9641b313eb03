using System.Net.Sockets;
using Portico.Proxy.Nftables;

namespace Portico.Proxy.Tests.Nftables;

public sealed class LayoutTests
{
    [Fact]
    public void Base_IPv4_MatchesGolden() => Golden.Matches(new Layout(Make.Options()).Base(["pick-40"]), "base-ipv4.nft");

    [Fact]
    public void Base_IPv6_MatchesGolden() =>
        Golden.Matches(new Layout(Make.Options() with { Family = AddressFamily.InterNetworkV6, Pods = LocalDetector.ByNetwork("fd00:244::/48"), ServiceCidrs = ["10.96.0.0/16", "fd00:96::/112"] }).Base([]), "base-ipv6.nft");

    [Fact]
    public void Base_NothingKnownOfTheCluster_MatchesGolden() =>
        Golden.Matches(new Layout(Make.Options() with { Pods = LocalDetector.None, ServiceCidrs = [] }).Base([]), "base-no-networks.nft");

    [Fact]
    public void Base_PodsToldByInterface_RulesNameIt()
    {
        var bridge = new Layout(Make.Options() with { Pods = LocalDetector.ByBridge("cni0") }).Base([]);
        var prefix = new Layout(Make.Options() with { Pods = LocalDetector.ByInterfacePrefix("veth") }).Base([]);

        Assert.Contains(" ip daddr @cluster-ips iifname != \"cni0\" meta mark set", bridge, StringComparison.Ordinal);
        Assert.Contains(" keep-client iifname \"cni0\" return\n", bridge, StringComparison.Ordinal);
        Assert.Contains(" ip daddr @cluster-ips iifname != \"veth*\" meta mark set", prefix, StringComparison.Ordinal);
        Assert.Contains(" keep-client iifname \"veth*\" return\n", prefix, StringComparison.Ordinal);
    }

    [Fact]
    public void Base_MasqueradeAll_NoSourceIsSpared() => Assert.Contains(
        " services ip daddr @cluster-ips meta mark set", new Layout(Make.Options() with { MasqueradeAll = true }).Base([]), StringComparison.Ordinal);

    [Fact]
    public void Chains_EveryKind_MatchesGolden() =>
        Golden.Matches(new Layout(Make.Options()).Chains(
            ["pick-40", "source-hash-1021", "maglev-local-1021", "rotate-10.96.0.1-tcp-80-local-2"]), "chains.nft");

    [Theory]
    [InlineData("pick-1", true)]
    [InlineData("pick-local-32", true)]
    [InlineData("pick-33", false)]
    [InlineData("sticky-pick-1", false)]
    public void IsReady_Chain_TellsWhetherTheBaseHasIt(string chain, bool ready)
    {
        Assert.Equal(ready, Layout.IsReady(chain));
        Assert.Equal(ready, new Layout(Make.Options()).Base([]).Contains($"add chain ip portico-proxy {chain}\n", StringComparison.Ordinal));
    }
}
