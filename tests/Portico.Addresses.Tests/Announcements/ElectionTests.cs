using System.Collections.Immutable;
using Portico.Addresses.Announcements;
using Portico.Addresses.Tests.Allocations;
using Portico.Api.Objects;
using static Portico.Addresses.Tests.Announcements.Cluster;

namespace Portico.Addresses.Tests.Announcements;

public sealed class ElectionTests
{
    private static readonly IPv4 Address = new(0x0A000001);
    private static readonly Service Web = Some.Service("web", has: "10.0.0.1");

    [Theory]
    [InlineData("Unknown")]
    [InlineData("False")]
    public void Owners_NodeNotReady_OtherTakesOver(string ready)
    {
        var both = Owner(Web, Slice("web", Ready("node1")), Node("node1"), Node("node2"))!;
        var other = both == "node1" ? "node2" : "node1";

        Assert.Equal(other, Owner(Web, Slice("web", Ready("node1")), Node(both, ready), Node(other)));
    }

    [Fact]
    public void Owners_NoNodeMayTake_Nobody()
    {
        var excluded = Node("node1");
        excluded = excluded with { Metadata = excluded.Metadata with { Labels = new Dictionary<string, string> { [Election.ExcludeLabel] = "" } } };
        var cutOff = Node("node2");
        cutOff = cutOff with { Status = new() { Conditions = [.. cutOff.Status.Conditions, new() { Type = "NetworkUnavailable", Status = "True" }] } };
        var leaving = Node("node3");
        leaving = leaving with { Metadata = leaving.Metadata with { DeletionTimestamp = Some.Noon } };

        Assert.Null(Owner(Web, Slice("web", Ready("node1")), excluded, cutOff, leaving));
    }

    [Fact]
    public void Owners_NoUsableEndpoint_Nobody()
    {
        Assert.Null(Owner(Web, Slice("web"), Node("node1")));
        Assert.Null(Owner(Web, Slice("web", NotReady("node1")), Node("node1")));
        Assert.Equal("node1", Owner(Web, Slice("web", Ending("node2")), Node("node1")));
    }

    [Fact]
    public void Owners_Local_OnlyNodesWithAnEndpointAndEndingOnesLast()
    {
        var local = Web with { Spec = Web.Spec with { ExternalTrafficPolicy = "Local" } };

        foreach (var node in (string[])["node1", "node2"])
        {
            var other = node == "node1" ? "node2" : "node1";
            Assert.Equal(node, Owner(local, Slice("web", Ready(node)), Node("node1"), Node("node2")));
            Assert.Equal(node, Owner(local, Slice("web", Ready(node), Ending(other)), Node("node1"), Node("node2")));
            Assert.Equal(node, Owner(local, Slice("web", Ending(node), NotReady(other)), Node("node1"), Node("node2")));
        }

        Assert.Null(Owner(local, Slice("web", Ready("node3")), Node("node1"), Node("node2")));
    }

    [Fact]
    public void Owners_NotOursOrGoing_Nobody()
    {
        var slice = Slice("web", Ready("node1"));

        Assert.Null(Owner(Web with { Spec = new() { Type = "ClusterIP" } }, slice, Node("node1")));
        Assert.Null(Owner(Web with { Spec = Web.Spec with { LoadBalancerClass = "example.com/lb" } }, slice, Node("node1")));
        Assert.Null(Owner(Web with { Metadata = Web.Metadata with { DeletionTimestamp = Some.Noon } }, slice, Node("node1")));
        Assert.Null(Owner(Web with { Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = "10.0.0.1", IpMode = "Proxy" }] } } }, slice, Node("node1")));
    }

    [Fact]
    public void Owners_TwoServicesShowTheSame_OneOwner()
    {
        var slices = new[] { Slice("web", Ready("node1")), Slice("api", Ready("node1")) };
        Service[] services = [Web, Some.Service("api", has: "10.0.0.1")];

        Assert.Equal(Owners(services, slices, Node("node1"), Node("node2")), Owners([.. services.Reverse()], slices, Node("node2"), Node("node1")));
    }

    [Fact]
    public void Owners_NodeLeaves_OnlyItsAddressesMoveAndAllAreSpread()
    {
        var services = Enumerable.Range(1, 200).Select(i => Some.Service($"s{i}", has: $"10.0.0.{i}")).ToArray();
        var slices = services.Select(service => Slice(service.Metadata.Name, Ready("node1"))).ToArray();
        Node[] nodes = [Node("node1"), Node("node2"), Node("node3"), Node("node4")];

        var before = Owners(services, slices, nodes);
        var after = Owners(services, slices, nodes[1..]);

        Assert.Equal(200, before.Count);
        Assert.All(before.Where(owner => owner.Value != "node1"), owner => Assert.Equal(owner.Value, after[owner.Key]));
        Assert.All(before.GroupBy(owner => owner.Value), node => Assert.InRange(node.Count(), 30, 70));
        Assert.Equal(4, before.Values.Distinct().Count());
    }

    [Fact]
    public void Owners_Golden_EveryVersionComputesTheSame()
    {
        // During an upgrade nodes of two versions elect side by side: a change here would give an address two owners.
        Node[] nodes = [Node("node1"), Node("node2"), Node("node3")];
        var services = Enumerable.Range(200, 6).Select(i => Some.Service($"s{i}", has: $"192.168.77.{i}")).ToArray();
        var slices = services.Select(service => Slice(service.Metadata.Name, Ready("node1"))).ToArray();

        var owners = Owners(services, slices, nodes);

        Assert.Equal(
            "200:node1 201:node3 202:node3 203:node3 204:node1 205:node3",
            string.Join(' ', owners.OrderBy(owner => owner.Key.Value).Select(owner => $"{owner.Key.Value & 255}:{owner.Value}")));
    }

    private static string? Owner(Service service, EndpointSlice slice, params Node[] nodes) => Owners([service], [slice], nodes).GetValueOrDefault(Address);

    private static ImmutableDictionary<IPv4, string> Owners(Service[] services, EndpointSlice[] slices, params Node[] nodes) =>
        Election.Owners(services, key => slices.Where(slice => slice.Metadata.Labels[EndpointSlice.ServiceNameLabel] == key.Name && slice.Metadata.Namespace == key.Namespace), nodes);
}
