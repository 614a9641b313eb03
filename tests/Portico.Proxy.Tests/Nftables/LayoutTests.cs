using System.Net.Sockets;
using Portico.Proxy.Nftables;

namespace Portico.Proxy.Tests.Nftables;

public sealed class LayoutTests
{
    [Fact]
    public void Base_IPv4_MatchesGolden() => Golden.Matches(new Layout(Make.Options()).Base(["remember-60", "sticky-pick-2"]), "base-ipv4.nft");

    [Fact]
    public void Base_IPv6_MatchesGolden() =>
        Golden.Matches(new Layout(Make.Options() with { Family = AddressFamily.InterNetworkV6, ClusterCidr = "fd00:244::/48", ServiceCidr = "fd00:96::/112" }).Base([]), "base-ipv6.nft");

    [Fact]
    public void Base_NothingKnownOfTheCluster_MatchesGolden() =>
        Golden.Matches(new Layout(Make.Options() with { ClusterCidr = null, ServiceCidr = null }).Base([]), "base-no-networks.nft");

    [Fact]
    public void Chains_ManyEndpointsAndAffinity_MatchesGolden() =>
        Golden.Matches(new Layout(Make.Options()).Chains(["pick-40", "remember-10800", "sticky-pick-local-3"]), "chains.nft");

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
