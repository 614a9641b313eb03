using System.Net;
using Portico.Api.Objects;
using Portico.Controllers.Nodes;

namespace Portico.Controllers.Tests.Nodes;

public sealed class NodeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData("node2", "", "10.244.2.0/24")]
    [InlineData("node2", "10.244.2.0/24", "10.244.1.0/24")]
    [InlineData("node2", "10.244.1.0/24,10.244.2.0/24", "10.244.3.0/24")]
    [InlineData("worker", "", "10.244.1.0/24")]
    [InlineData("node255", "", "10.244.255.0/24")]
    [InlineData("node256", "", "10.244.1.0/24")]
    [InlineData("node99999999999999999999", "", "10.244.1.0/24")]
    public void Networks_OfNames_AreTheirNumbers(string name, string taken, string expected)
    {
        var others = taken.Split(',').Select(network => new Node { Spec = new() { PodCIDR = network } });
        Assert.Equal(expected, NodeNetworks.Choose(Named(name), others, IPNetwork.Parse("10.244.0.0/16"), 24)!.Value.ToString());
    }

    [Fact]
    public void Networks_AllTaken_NoneAndTheFirstIsTheLast()
    {
        var nodes = new List<Node>();
        for (var i = 0; i < 4; i++)
        {
            var chosen = NodeNetworks.Choose(Named("n"), nodes, IPNetwork.Parse("fd00::/62"), 64)!.Value.ToString();
            nodes.Add(new() { Spec = new() { PodCIDRs = [chosen] } });
        }

        Assert.Equal(["fd00:0:0:1::/64", "fd00:0:0:2::/64", "fd00:0:0:3::/64", "fd00::/64"], nodes.Select(node => node.Spec.PodCIDRs[0]));
        Assert.Null(NodeNetworks.Choose(Named("n"), nodes, IPNetwork.Parse("fd00::/62"), 64));
    }

    [Theory]
    // silence in seconds, Ready → unreachable, taints
    [InlineData(40, "True", false, "")]
    [InlineData(41, "True", true, "unreachable:NoSchedule unreachable:NoExecute")]
    [InlineData(0, "Unknown", false, "unreachable:NoSchedule unreachable:NoExecute")]
    [InlineData(0, "False", false, "not-ready:NoSchedule not-ready:NoExecute")]
    [InlineData(0, null, false, "not-ready:NoSchedule")]
    public void Health_OfSigns_HasUpstreamsTaints(int silence, string? ready, bool unreachable, string taints)
    {
        var node = Named("node1") with
        {
            Spec = new() { Taints = [new() { Key = "mine", Effect = "NoSchedule" }] },
            Status = new() { Conditions = ready is null ? [] : [new() { Type = "Ready", Status = ready }] },
        };
        var health = NodeHealth.Compute(node, TimeSpan.FromSeconds(silence), Grace, Now);
        Assert.Equal(unreachable, health.IsUnreachable);
        Assert.Equal($"mine:NoSchedule {taints}".Trim(), string.Join(' ', health.Taints.Select(taint => $"{taint.Key.Replace("node.kubernetes.io/", "", StringComparison.Ordinal)}:{taint.Effect}")));

        var tainted = node with { Spec = new() { Taints = health.Taints } };
        Assert.True(NodeHealth.HasTaints(tainted, NodeHealth.Compute(tainted, TimeSpan.FromSeconds(silence), Grace, Now.AddHours(1)).Taints));
        var back = tainted with { Status = new() { Conditions = [new() { Type = "Ready", Status = "True" }] } };
        Assert.Equal(["mine"], NodeHealth.Compute(back, TimeSpan.Zero, Grace, Now).Taints.Select(taint => taint.Key));
    }

    [Fact]
    public void Health_Cordoned_HasItsTaint()
    {
        var node = Named("node1") with { Spec = new() { Unschedulable = true }, Status = new() { Conditions = [new() { Type = "Ready", Status = "True" }] } };
        Assert.Equal(["node.kubernetes.io/unschedulable"], NodeHealth.Compute(node, TimeSpan.Zero, Grace, Now).Taints.Select(taint => taint.Key));
    }

    [Theory]
    // unreachable for minutes, ready, deleted (seconds ago), tolerates for ever → fate
    [InlineData(1, true, null, false, "MarkNotReady")]
    [InlineData(1, false, null, false, "Leave")]
    [InlineData(5, true, null, false, "Delete")]
    [InlineData(5, false, null, true, "Leave")]
    [InlineData(5, false, -10, false, "Leave")]
    [InlineData(5, true, -10, false, "MarkNotReady")]
    [InlineData(5, false, 1, false, "Remove")]
    [InlineData(1, false, 1, false, "Leave")]
    public void Fate_OnUnreachableNode_ByTime(int minutes, bool ready, int? deletedAgo, bool tolerates, string expected)
    {
        var pod = new Pod
        {
            Metadata = new() { DeletionTimestamp = deletedAgo is { } ago ? Now.AddSeconds(-ago) : null },
            Spec = new() { Tolerations = tolerates ? [new() { Key = NodeHealth.Unreachable, Operator = "Exists", Effect = "NoExecute" }] : [] },
            Status = new() { Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False" }] },
        };
        Assert.Equal(expected, PodFates.OnUnreachable(pod, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(5), Now).ToString());
    }

    private static Node Named(string name) => new() { Metadata = new() { Name = name } };
}
