using Portico.Api.Objects;
using Portico.Api.Values;
using Portico.Controllers.Scheduling;

namespace Portico.Controllers.Tests.Scheduling;

public sealed class PlacementTests
{
    [Fact]
    public void Choose_OwnersPods_AreSpreadBeforeLoadCounts()
    {
        // node1 is nearly empty but has one of the same owner; node2 is full of others.
        var placement = Placement.Choose(Pod("new", owner: "rs"), [View(Node("node1"), Pod("a", owner: "rs")), View(Node("node2"), Pod("x"), Pod("y"), Pod("z"))]);
        Assert.Equal("node2", placement.Node!.Metadata.Name);
    }

    [Fact]
    public void Choose_NoneOfTheOwner_FewestPods() =>
        Assert.Equal("node2", Placement.Choose(Pod("new"), [View(Node("node1"), Pod("a"), Pod("b")), View(Node("node2"), Pod("x"))]).Node!.Metadata.Name);

    [Fact]
    public void Choose_DiscouragedNode_IsTheLastChoice()
    {
        var shy = Node("node1") with { Spec = new() { Taints = [new() { Key = "old", Effect = "PreferNoSchedule" }] } };
        Assert.Equal("node2", Placement.Choose(Pod("new"), [View(shy), View(Node("node2"), Pod("a"))]).Node!.Metadata.Name);
        Assert.Equal("node1", Placement.Choose(Pod("new"), [View(shy)]).Node!.Metadata.Name);
    }

    [Fact]
    public void Choose_NoNode_CountsTheReasons()
    {
        var placement = Placement.Choose(
            Pod("new", cpu: "2"),
            [
                View(Node("a") with { Spec = new() { Unschedulable = true } }),
                View(Node("b"), Pod("x", cpu: "3")),
                View(Node("c"), Pod("y", cpu: "2500m")),
                View(Node("d") with { Spec = new() { Taints = [new() { Key = "k", Value = "v", Effect = "NoExecute" }] } }),
                View(Node("e") with { Status = new() }),
            ]);
        Assert.Null(placement.Node);
        Assert.Equal(
            "0/5 nodes are available: 2 Insufficient cpu, 1 node(s) had untolerated taint {k: v}, 1 node(s) were not ready, 1 node(s) were unschedulable.",
            placement.Message);
        Assert.Equal("no nodes available to schedule pods", Placement.Choose(Pod("new"), []).Message);
    }

    [Theory]
    [InlineData("4", 0, true)]
    [InlineData("4001m", 0, false)]
    [InlineData("100m", 3, false)]
    [InlineData("100m", 2, true)]
    public void Choose_Resources_HaveToFit(string cpu, int pods, bool fits)
    {
        var node = Node("node1");
        node = node with { Status = node.Status with { Allocatable = new Dictionary<string, Quantity> { ["cpu"] = new("4"), ["pods"] = new("3") } } };
        Assert.Equal(fits, Placement.Choose(Pod("new", cpu: cpu), [View(node, [.. Enumerable.Range(0, pods).Select(i => Pod($"p{i}"))])]).Node is not null);
    }

    [Theory]
    [InlineData("In", "a,b", true)]
    [InlineData("In", "b", false)]
    [InlineData("NotIn", "a", false)]
    [InlineData("NotIn", "b", true)]
    [InlineData("Exists", "", true)]
    [InlineData("DoesNotExist", "", false)]
    [InlineData("Wrong", "a", false)]
    public void Choose_RequiredAffinity_Decides(string operation, string values, bool fits)
    {
        var pod = Pod("new");
        pod = pod with
        {
            Spec = pod.Spec with
            {
                Affinity = Required(new() { MatchExpressions = [new() { Key = "zone", Operator = operation, Values = values.Split(',') }] }),
            },
        };
        Assert.Equal(fits, Placement.Choose(pod, [View(Node("node1", ("zone", "a")))]).Node is not null);
    }

    [Theory]
    [InlineData("Gt", "3", true)]
    [InlineData("Gt", "4", false)]
    [InlineData("Lt", "5", true)]
    [InlineData("Lt", "many", false)]
    public void Choose_NumericAffinity_Compares(string operation, string value, bool fits)
    {
        var pod = Pod("new");
        pod = pod with { Spec = pod.Spec with { Affinity = Required(new() { MatchExpressions = [new() { Key = "disks", Operator = operation, Values = [value] }] }) } };
        Assert.Equal(fits, Placement.Choose(pod, [View(Node("node1", ("disks", "4")))]).Node is not null);
    }

    [Fact]
    public void Choose_EmptyTerm_MatchesNothingAndFieldsTheName()
    {
        var pod = Pod("new");
        Assert.Null(Placement.Choose(pod with { Spec = pod.Spec with { Affinity = Required(new()) } }, [View(Node("node1"))]).Node);
        var named = Required(new() { MatchFields = [new() { Key = "metadata.name", Operator = "In", Values = ["node2"] }] });
        Assert.Equal("node2", Placement.Choose(pod with { Spec = pod.Spec with { Affinity = named } }, [View(Node("node1")), View(Node("node2"))]).Node!.Metadata.Name);
    }

    [Theory]
    [InlineData("k", "Equal", "v", "NoSchedule", true)]
    [InlineData("k", null, "v", null, true)]
    [InlineData("k", "Exists", null, null, true)]
    [InlineData(null, "Exists", null, null, true)]
    [InlineData("k", "Equal", "w", null, false)]
    [InlineData("k", "Exists", null, "NoExecute", false)]
    [InlineData(null, null, "v", null, false)]
    public void Choose_Taint_NeedsAToleration(string? key, string? operation, string? value, string? effect, bool fits)
    {
        var node = Node("node1") with { Spec = new() { Taints = [new() { Key = "k", Value = "v", Effect = "NoSchedule" }] } };
        var pod = Pod("new");
        pod = pod with { Spec = pod.Spec with { Tolerations = [new() { Key = key, Operator = operation, Value = value, Effect = effect }] } };
        Assert.Equal(fits, Placement.Choose(pod, [View(node)]).Node is not null);
    }

    [Fact]
    public void Choose_HostPortTaken_GoesElsewhere()
    {
        var pod = Pod("new");
        pod = pod with { Spec = pod.Spec with { Containers = [new() { Ports = [new() { Port = 80, HostPort = 80 }] }] } };
        Assert.Equal("node2", Placement.Choose(pod, [View(Node("node1"), pod), View(Node("node2"), Pod("a"), Pod("b"))]).Node!.Metadata.Name);
    }

    private static Affinity Required(NodeSelectorTerm term) =>
        new() { NodeAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = new() { NodeSelectorTerms = [term] } } };

    private static NodeView View(Node node, params Pod[] pods) => new(node, pods);

    private static Node Node(string name, params (string Name, string Value)[] labels) => new()
    {
        Metadata = new() { Name = name, Labels = labels.ToDictionary(label => label.Name, label => label.Value) },
        Status = new()
        {
            Conditions = [new() { Type = "Ready", Status = "True" }],
            Allocatable = new Dictionary<string, Quantity> { ["cpu"] = new("4"), ["pods"] = new("110") },
        },
    };

    private static Pod Pod(string name, string? owner = null, string? cpu = null) => new()
    {
        Metadata = new() { Name = name, Uid = name, OwnerReferences = owner is null ? [] : [new() { Uid = owner, Controller = true }] },
        Spec = new()
        {
            Containers = [new() { Resources = cpu is null ? null : new() { Requests = new Dictionary<string, Quantity> { ["cpu"] = new(cpu) } } }],
        },
    };
}
