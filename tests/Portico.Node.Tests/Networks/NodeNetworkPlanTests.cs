using Portico.Node.Networks;
using NodeObject = Portico.Api.Objects.Node;

namespace Portico.Node.Tests.Networks;

public sealed class NodeNetworkPlanTests
{
    [Fact]
    public void Compile_ThreeNodes_RoutesToTheOthersAndMasqueradesToNone()
    {
        var plan = NodeNetworkPlan.Compile("node1", [Node("node1", 1), Node("node2", 2), Node("new", null)])!;
        Assert.Equal("route replace 10.244.2.0/24 via 192.168.77.12\n", plan.RouteCommands(null));
        Assert.Contains("elements = { 10.244.1.0/24, 10.244.2.0/24, 192.168.77.11, 192.168.77.12 }", plan.Nftables(), StringComparison.Ordinal);
        Assert.Contains("ip saddr 10.244.1.0/24 ip daddr != @cluster masquerade", plan.Nftables(), StringComparison.Ordinal);
    }

    [Fact]
    public void RouteCommands_NodeIsGone_RemovesItsRoute()
    {
        var before = NodeNetworkPlan.Compile("node1", [Node("node1", 1), Node("node2", 2)])!;
        var after = NodeNetworkPlan.Compile("node1", [Node("node1", 1)])!;
        Assert.NotEqual(before, after);
        Assert.Equal("route del 10.244.2.0/24\n", after.RouteCommands(before));
    }

    [Fact]
    public void Compile_OwnNetworkIsNotAssigned_IsNull() => Assert.Null(NodeNetworkPlan.Compile("node1", [Node("node1", null), Node("node2", 2)]));

    private static NodeObject Node(string name, int? index) => new()
    {
        Metadata = new() { Name = name },
        Spec = new() { PodCIDR = index is null ? null : $"10.244.{index}.0/24" },
        Status = new() { Addresses = [new() { Type = "InternalIP", Address = $"192.168.77.1{index ?? 9}" }] },
    };
}
