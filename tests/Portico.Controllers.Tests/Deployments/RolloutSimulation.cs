using Portico.Api.Objects;
using Portico.Controllers.Deployments;
using Portico.Controllers.ReplicaSets;
using Portico.Controllers.Tests.Running;

namespace Portico.Controllers.Tests.Deployments;

/// <summary>
/// A Deployment, its sets and their pods, moved by the real plans in any order: the deployment controller may see set statuses that are
/// behind, because a set only tells its status when it is its turn.
/// </summary>
internal sealed class RolloutSimulation
{
    private readonly Random _random;
    private readonly Dictionary<string, List<Pod>> _pods = new(StringComparer.Ordinal);
    private readonly List<ReplicaSet> _sets = [];
    private Deployment _deployment;
    private int _names;

    public RolloutSimulation(int seed, int replicas, int surge, int unavailable)
    {
        _random = new(seed);
        _deployment = RunningControllers.Deployment("web:0", replicas, new(surge), new(unavailable));
    }

    public int Replicas => _deployment.Spec.Replicas!.Value;

    public RolloutLimits Limits => RolloutLimits.Of(_deployment.Spec);

    public int Available => _pods.Values.Sum(pods => pods.Count(Controllers.Pods.PodFacts.IsReady));

    public int Asked => _sets.Sum(Rollout.ReplicasOf);

    public bool IsSettled => Rollout.Of(_deployment, _sets) is { New: { } current } rollout
        && Rollout.ReplicasOf(current) == Replicas && rollout.Old.All(set => Rollout.ReplicasOf(set) == 0)
        && _pods.Values.Sum(pods => pods.Count) == Replicas && Available == Replicas;

    public string State => string.Join("; ", _sets.Select(set =>
        $"{set.Metadata.Name}: asked {set.Spec.Replicas}, pods {_pods[set.Metadata.Name].Count}, ready {_pods[set.Metadata.Name].Count(Controllers.Pods.PodFacts.IsReady)}, status {set.Status.AvailableReplicas}"));

    public void SetImage(int number) => _deployment = _deployment with { Spec = _deployment.Spec with { Template = RunningControllers.Template($"web:{number}") } };

    /// <summary>One actor does one thing.</summary>
    public void Step()
    {
        switch (_random.Next(4))
        {
            case 0:
                Roll();
                break;
            case 1 when _sets.Count > 0:
                Replicate(_random.Next(_sets.Count));
                break;
            case 2 or 3:
                BecomeReady();
                break;
        }
    }

    /// <summary>Every actor has its turn.</summary>
    public void Round()
    {
        Roll();
        for (var i = 0; i < _sets.Count; i++)
        {
            Replicate(i);
        }

        BecomeReady();
    }

    private void Roll()
    {
        var rollout = Rollout.Of(_deployment, _sets);
        if (rollout.New is null)
        {
            var set = ReplicaSetOf.Create(rollout);
            _sets.Add(set with { Metadata = set.Metadata with { Uid = set.Metadata.Name, Generation = 1, CreationTimestamp = DateTimeOffset.UnixEpoch.AddSeconds(_sets.Count) } });
            _pods[set.Metadata.Name] = [];
            return;
        }

        foreach (var step in RollingUpdate.Compute(rollout))
        {
            var i = _sets.FindIndex(set => set.Metadata.Name == step.Set.Metadata.Name);
            _sets[i] = _sets[i] with
            {
                Spec = _sets[i].Spec with { Replicas = step.Replicas },
                Metadata = _sets[i].Metadata with { Generation = _sets[i].Metadata.Generation + 1 },
            };
        }
    }

    private void Replicate(int index)
    {
        var set = _sets[index];
        var pods = _pods[set.Metadata.Name];
        var plan = ReplicaSetPlan.Compute(set, [.. pods], pods, DateTimeOffset.UnixEpoch);
        for (var i = 0; i < plan.Create; i++)
        {
            pods.Add(new() { Metadata = new() { Name = $"{set.Metadata.Name}-{++_names}", Labels = PodTemplate.Labels(set.Spec.Template) } });
        }

        foreach (var pod in plan.Delete)
        {
            pods.Remove(pod);
        }

        // As the controller does, of what it saw before it created and deleted.
        _sets[index] = set with { Status = plan.Status };
    }

    private void BecomeReady()
    {
        var waiting = _pods.Values.SelectMany(pods => pods.Select((pod, i) => (pods, i, pod))).Where(item => !Controllers.Pods.PodFacts.IsReady(item.pod)).ToList();
        if (waiting.Count > 0)
        {
            var (pods, i, pod) = waiting[_random.Next(waiting.Count)];
            pods[i] = pod with { Status = new() { Phase = "Running", Conditions = [new() { Type = "Ready", Status = "True" }] } };
        }
    }
}
