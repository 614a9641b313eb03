using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Proxy.Nodes;

namespace Portico.Proxy.Tests.Nodes;

public sealed class NodeIdentityTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("InternalIP 10.0.0.1", "0.0.0.0", "IPv4", "10.0.0.1", null)]
    [InlineData("ExternalIP 1.2.3.4,InternalIP 10.0.0.1,Hostname n1", "0.0.0.0", "IPv4", "10.0.0.1", null)]
    [InlineData("InternalIP fd00::1,InternalIP 10.0.0.1", "0.0.0.0", "IPv6", "10.0.0.1", "fd00::1")]
    [InlineData("InternalIP 10.0.0.1,InternalIP fd00::1", "fd00::5", "IPv6", "10.0.0.1", "fd00::5")]
    [InlineData("InternalIP 10.0.0.1", "10.0.0.9", "IPv4", "10.0.0.9", null)]
    [InlineData("", "::", "IPv6", null, null)]
    [InlineData("", "0.0.0.0", "IPv4", null, null)]
    public void Of_Addresses_FirstOfEachFamilyInternalBeforeExternal(string addresses, string bind, string primary, string? ipv4, string? ipv6)
    {
        var identity = NodeIdentity.Of(Make(addresses), IPAddress.Parse(bind));

        Assert.Equal(primary == "IPv6" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, identity.PrimaryFamily);
        Assert.Equal((ipv4, ipv6), (identity.IPv4?.ToString(), identity.IPv6?.ToString()));
    }

    [Fact]
    public async Task OwnNode_AddressComesLater_IsWaitedFor()
    {
        var nodes = new ObjectCache<Node>();
        var own = new OwnNode(nodes, "n1", IPAddress.Any, TimeProvider.System);
        nodes.Replace([]);

        var waiting = own.WithAddressAsync(Patience, CancellationToken.None);
        nodes.Set(Make("InternalIP 10.0.0.1"));

        Assert.Equal("10.0.0.1", (await waiting).ToString());
    }

    [Fact]
    public async Task OwnNode_NoAddressInTime_GoesOnWithout()
    {
        var nodes = new ObjectCache<Node>();
        nodes.Replace([]);

        var identity = await new OwnNode(nodes, "n1", IPAddress.Any, TimeProvider.System).WithAddressAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);

        Assert.Null(identity.IPv4);
    }

    [Fact]
    public async Task OwnNode_AddressChanges_SaysSoAndDeletionDoesNot()
    {
        var nodes = new ObjectCache<Node>();
        nodes.Replace([Make("InternalIP 10.0.0.1")]);
        var own = new OwnNode(nodes, "n1", IPAddress.Any, TimeProvider.System);
        var changed = own.ChangedAsync(await own.WithAddressAsync(Patience, CancellationToken.None), null, CancellationToken.None);

        nodes.Remove(new("", "n1"));
        Assert.False(changed.IsCompleted);
        nodes.Set(Make("InternalIP 10.0.0.2"));

        Assert.Equal("the addresses of node n1 changed from 10.0.0.1 to 10.0.0.2", await changed);
    }

    [Fact]
    public async Task OwnNode_PodNetworkChanges_SaysSo()
    {
        var nodes = new ObjectCache<Node>();
        nodes.Replace([Make("InternalIP 10.0.0.1") with { Spec = new() { PodCIDRs = ["10.244.1.0/24"] } }]);
        var own = new OwnNode(nodes, "n1", IPAddress.Any, TimeProvider.System);
        var networks = await own.PodNetworksAsync(Patience, CancellationToken.None);
        var changed = own.ChangedAsync(await own.WithAddressAsync(Patience, CancellationToken.None), networks, CancellationToken.None);

        nodes.Set(Make("InternalIP 10.0.0.1") with { Spec = new() { PodCIDRs = ["10.244.7.0/24"] } });

        Assert.Contains("10.244.7.0/24", await changed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("all", "10.0.0.1 fd00::1 127.0.0.1 ::1", "fe80::1")]
    [InlineData("primary", "10.0.0.1", "10.0.0.2 127.0.0.1 ::1 fd00::1")]
    [InlineData("primary,localhost", "10.0.0.1 127.0.0.1 ::1", "10.0.0.2 fd00::1")]
    [InlineData("primary,192.168.0.0/16", "10.0.0.1 192.168.0.1", "10.0.0.2 127.0.0.1 fd00::1")]
    [InlineData("10.0.0.0/8", "10.0.0.1 fd00::1 ::1", "192.168.0.1 127.0.0.1")]
    [InlineData("10.0.0.0/8,127.0.0.0/8,fd00::/64", "10.0.0.1 127.0.0.1 fd00::1", "fd01::1 ::1")]
    public void NodePortNetworks_Address_IncludedOrNot(string networks, string inside, string outside)
    {
        var subject = new NodePortNetworks(networks.Split(','), NodeIdentity.Of(Make("InternalIP 10.0.0.1"), IPAddress.Any), loopback: false);

        Assert.All(inside.Split(' '), address => Assert.True(subject.Includes(IPAddress.Parse(address)), address));
        Assert.All(outside.Split(' '), address => Assert.False(subject.Includes(IPAddress.Parse(address)), address));
    }

    [Fact]
    public void NodePortNetworks_Present_LoopbackOnlyWhereNothingElseServesIt()
    {
        var unknown = NodeIdentity.Of(null, IPAddress.Any);
        Assert.Contains(IPAddress.Loopback, new NodePortNetworks([NodePortNetworks.All], unknown, loopback: true).Present());
        Assert.DoesNotContain(new NodePortNetworks([NodePortNetworks.All], unknown, loopback: false).Present(), IPAddress.IsLoopback);
    }

    private static Node Make(string addresses) => new()
    {
        Metadata = new() { Name = "n1", ResourceVersion = Guid.NewGuid().ToString() },
        Status = new()
        {
            Addresses = [.. addresses.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static entry => new NodeAddress { Type = entry.Split(' ')[0], Address = entry.Split(' ')[1] })],
        },
    };
}
