using Portico.Api.Objects;
using Portico.Controllers.ReplicaSets;

namespace Portico.Controllers.Tests.ReplicaSets;

public sealed class DeletionRankTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Choose_EachReason_InUpstreamsOrder()
    {
        // Each is better than the one before it in exactly the next thing that counts.
        Pod[] ranked =
        [
            Pod("unassigned", node: null, phase: "Pending", ready: false),
            Pod("pending", phase: "Pending", ready: false),
            Pod("unready", ready: false),
            Pod("cheap", cost: "-5"),
            Pod("doubled", node: "crowded"),
            Pod("young", readySince: Now.AddMinutes(9)),
            Pod("restarting", restarts: 4),
            Pod("new", created: Now.AddMinutes(9)),
            Pod("solid"),
        ];
        var related = ranked.Append(Pod("other", node: "crowded")).Where(pod => pod.Metadata.Name is "doubled" or "other").ToList();
        for (var count = 1; count < ranked.Length; count++)
        {
            var chosen = DeletionRank.Choose([.. ranked.Reverse()], count, related);
            Assert.Equal(ranked.Take(count).Select(pod => pod.Metadata.Name), chosen.Select(pod => pod.Metadata.Name));
        }
    }

    [Fact]
    public async Task SlowStart_Failure_StopsAfterItsBatch()
    {
        var calls = 0;
        Assert.Equal(9, await SlowStart.RunAsync(100, i => Task.FromResult(++calls > 0 && i is not (7 or 8 or 9 or 10 or 11 or 12))));
        Assert.Equal(15, calls);
        Assert.Equal(100, await SlowStart.RunAsync(100, _ => Task.FromResult(true)));
        Assert.Equal(0, await SlowStart.RunAsync(0, _ => Task.FromResult(true)));
    }

    [Fact]
    public void Plan_MinReadySeconds_CountsAvailableLaterAndSaysWhen()
    {
        var set = new ReplicaSet { Spec = new() { Replicas = 3, MinReadySeconds = 10 } };
        Pod[] pods = [Pod("a", readySince: Now.AddSeconds(-10)), Pod("b", readySince: Now.AddSeconds(-4)), Pod("c", ready: false)];
        var plan = ReplicaSetPlan.Compute(set, pods, pods, Now);
        Assert.Equal((3, 2, 1), (plan.Status.Replicas, plan.Status.ReadyReplicas, plan.Status.AvailableReplicas));
        Assert.Equal(TimeSpan.FromSeconds(6), plan.Recheck);
        Assert.Equal(0, plan.Create);
    }

    private static Pod Pod(
        string name, string? node = "n", string phase = "Running", bool ready = true, string cost = "0", DateTimeOffset? readySince = null, int restarts = 0, DateTimeOffset? created = null) => new()
        {
            Metadata = new()
            {
                Name = name,
                CreationTimestamp = created ?? Now,
                Annotations = new Dictionary<string, string> { ["controller.kubernetes.io/pod-deletion-cost"] = cost },
            },
            Spec = new() { NodeName = node },
            Status = new()
            {
                Phase = phase,
                Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False", LastTransitionTime = readySince ?? Now }],
                ContainerStatuses = [new() { RestartCount = restarts }],
            },
        };
}
