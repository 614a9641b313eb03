using Portico.Api.Objects;
using Portico.Controllers.Conditions;
using Portico.Controllers.Deployments;
using Portico.Controllers.Tests.Running;

namespace Portico.Controllers.Tests.Deployments;

public sealed class RolloutStatusTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Compute_AllAvailable_IsComplete()
    {
        var status = RolloutStatus.Compute(Rolled(3, 3), created: false, Now);
        Assert.Equal((3, 3, 3, 3, null), (status.Replicas, status.UpdatedReplicas, status.ReadyReplicas, status.AvailableReplicas, status.UnavailableReplicas));
        AssertCondition(status, "Progressing", "True", "NewReplicaSetAvailable", "ReplicaSet \"web-1\" has successfully progressed.");
        AssertCondition(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
    }

    [Fact]
    public void Compute_SetJustMade_SaysSo()
    {
        var status = RolloutStatus.Compute(Rolled(0, 0), created: true, Now);
        AssertCondition(status, "Progressing", "True", "NewReplicaSetCreated", "Created new replica set \"web-1\"");
        AssertCondition(status, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        Assert.Equal(3, status.UnavailableReplicas);
    }

    [Fact]
    public void Compute_OneMoreReady_MovesTheUpdateTimeOnly()
    {
        var before = new DeploymentStatus { ReadyReplicas = 1, UpdatedReplicas = 3, Replicas = 3, Conditions = [Progress("True", "ReplicaSetUpdated")] };
        var status = RolloutStatus.Compute(Rolled(3, 2, before), created: false, Now.AddMinutes(5));
        var condition = AssertCondition(status, "Progressing", "True", "ReplicaSetUpdated", "ReplicaSet \"web-1\" is progressing.");
        Assert.Equal(Now, condition.LastTransitionTime);
        Assert.Equal(Now.AddMinutes(5), condition.LastUpdateTime);
    }

    [Theory]
    [InlineData(599, "ReplicaSetUpdated", "True")]
    [InlineData(601, "ProgressDeadlineExceeded", "False")]
    public void Compute_NoProgress_FailsAfterTheDeadline(int seconds, string reason, string expected)
    {
        var before = new DeploymentStatus { ReadyReplicas = 2, AvailableReplicas = 2, UpdatedReplicas = 3, Replicas = 3, Conditions = [Progress("True", "ReplicaSetUpdated")] };
        var rollout = Rolled(3, 2, before);
        var status = RolloutStatus.Compute(rollout, created: false, Now.AddSeconds(seconds));
        Assert.Equal((reason, expected), (status.Conditions.Find("Progressing")!.Reason, status.Conditions.Find("Progressing")!.Status));
        Assert.Equal(expected == "True" ? TimeSpan.FromSeconds(601 - seconds) : null, RolloutStatus.UntilDeadline(rollout.Deployment, status, Now.AddSeconds(seconds)));
    }

    [Fact]
    public void Compute_Paused_StopsTheClockAndResumesIt()
    {
        var before = new DeploymentStatus { Conditions = [Progress("True", "ReplicaSetUpdated")] };
        var rollout = Rolled(3, 2, before);
        var paused = rollout with { Deployment = rollout.Deployment with { Spec = rollout.Deployment.Spec with { Paused = true } } };
        var status = RolloutStatus.Compute(paused, created: false, Now.AddDays(1));
        AssertCondition(status, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");

        var resumed = rollout with { Deployment = rollout.Deployment with { Status = status } };
        AssertCondition(RolloutStatus.Compute(resumed, created: false, Now.AddDays(2)), "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
    }

    [Fact]
    public void Compute_AgainWithNothingNew_IsTheSame()
    {
        var rollout = Rolled(3, 3);
        var first = RolloutStatus.Compute(rollout, created: false, Now);
        var again = RolloutStatus.Compute(
            rollout with { Deployment = rollout.Deployment with { Status = first } }, created: false, Now.AddHours(1));
        Assert.Null(Controllers.Patches.Difference.Between(first, again, Portico.Api.Json.ApiJson.TypeInfo<DeploymentStatus>()));
    }

    [Fact]
    public void Compute_SetCannotMakePods_IsTold()
    {
        var rollout = Rolled(3, 3);
        var failure = new Condition { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = "quota" };
        var status = RolloutStatus.Compute(
            rollout with { New = rollout.New! with { Status = rollout.New.Status with { Conditions = [failure] } } }, created: false, Now);
        AssertCondition(status, "ReplicaFailure", "True", "FailedCreate", "quota");
    }

    [Fact]
    public void Surplus_MoreThanTheLimit_OldestIdleOnesGo()
    {
        var deployment = RunningControllers.Deployment("web:9", 3);
        deployment = deployment with { Spec = deployment.Spec with { RevisionHistoryLimit = 2 } };
        var rollout = new Rollout(deployment, null, [Old("d", 4, 0), Old("a", 1, 0), Old("b", 2, 1), Old("c", 3, 0)]);
        Assert.Equal(["a"], ReplicaSetOf.Surplus(rollout).Select(set => set.Metadata.Name));
    }

    private static ReplicaSet Old(string name, int revision, int pods) => new()
    {
        Metadata = new() { Name = name, Annotations = new Dictionary<string, string> { [Rollout.RevisionAnnotation] = $"{revision}" } },
        Spec = new() { Replicas = pods },
        Status = new() { Replicas = pods },
    };

    private static Condition Progress(string status, string reason) =>
        new() { Type = "Progressing", Status = status, Reason = reason, LastUpdateTime = Now, LastTransitionTime = Now };

    private static Rollout Rolled(int pods, int available, DeploymentStatus? before = null)
    {
        var deployment = RunningControllers.Deployment("web:1", 3) with { Status = before ?? new() };
        return new(
            deployment with { Metadata = deployment.Metadata with { Generation = 1 } },
            new()
            {
                Metadata = new() { Name = "web-1" },
                Spec = new() { Replicas = 3, Template = deployment.Spec.Template },
                Status = new() { Replicas = pods, ReadyReplicas = available, AvailableReplicas = available },
            },
            []);
    }

    private static Condition AssertCondition(DeploymentStatus status, string type, string value, string reason, string message)
    {
        var condition = status.Conditions.Find(type);
        Assert.NotNull(condition);
        Assert.Equal((value, reason, message), (condition.Status, condition.Reason, condition.Message));
        return condition;
    }
}
