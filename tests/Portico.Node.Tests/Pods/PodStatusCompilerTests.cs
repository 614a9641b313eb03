using Portico.Api.Objects;
using Portico.Node.Pods;
using Portico.Node.Records;

namespace Portico.Node.Tests.Pods;

public sealed class PodStatusCompilerTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);
    private static readonly ContainerRecord Running = new() { Name = "a", Id = "id", Image = "host", StartedAt = Now, Started = true };

    [Theory]
    [InlineData("Always", "run", "Running")]
    [InlineData("Always", "none", "Pending")]
    [InlineData("Always", "0", "Running")]
    [InlineData("Always", "1", "Running")]
    [InlineData("OnFailure", "0", "Succeeded")]
    [InlineData("OnFailure", "1", "Running")]
    [InlineData("Never", "0", "Succeeded")]
    [InlineData("Never", "1", "Failed")]
    [InlineData("Never", "0,run", "Running")]
    [InlineData("Never", "0,1", "Failed")]
    [InlineData("Never", "run,none", "Pending")]
    public void Phase_Containers_Is(string policy, string containers, string expected) =>
        Assert.Equal(expected, PodPhase.Compile(Pod(policy, containers), View(containers)));

    [Theory]
    [InlineData("Always", "none", "Pending")]
    [InlineData("Always", "0", "Running")]
    [InlineData("Never", "1", "Failed")]
    public void Phase_InitContainer_Is(string policy, string init, string expected)
    {
        var pod = Pod(policy, "run");
        pod = pod with { Spec = pod.Spec with { InitContainers = [new() { Name = "i" }] } };
        var view = View("run");
        Assert.Equal(expected, PodPhase.Compile(pod, view with { Containers = new Dictionary<string, ContainerView>(view.Containers) { ["i"] = Seen(init, "i") } }));
    }

    [Fact]
    public void Compile_RunningAndReady_HasTheConditionsThatKubectlWaitsFor()
    {
        var status = PodStatusCompiler.Compile(Pod("Always", "run"), View("run"), Now);
        Assert.Equal(
            ["PodReadyToStartContainers True", "Initialized True", "Ready True", "ContainersReady True", "PodScheduled True"],
            status.Conditions.Select(condition => $"{condition.Type} {condition.Status}"));
        Assert.Equal("portico://id", status.ContainerStatuses[0].ContainerID);
        Assert.True(status.ContainerStatuses[0] is { Ready: true, Started: true, State.Running: not null });
        Assert.Equal("BestEffort", status.QosClass);
    }

    [Theory]
    [InlineData(false, "Running")]
    [InlineData(true, "Succeeded")]
    public void Phase_EndedWhileItsNodeLeaves_ComesBackUnlessDeleted(bool deleted, string expected) =>
        Assert.Equal(expected, PodPhase.Compile(Pod("Always", "0"), View("0") with { Stopping = true, Deleted = deleted }));

    [Fact]
    public void Compile_Stopping_IsNotReadyWhileItStillRuns()
    {
        var status = PodStatusCompiler.Compile(Pod("Always", "run"), View("run") with { Stopping = true }, Now);
        Assert.Equal("Running", status.Phase);
        Assert.False(status.ContainerStatuses[0].Ready);
        Assert.Contains(status.Conditions, condition => condition is { Type: "Ready", Status: "False", Reason: "ContainersNotReady", Message: "containers with unready status: [a]" });
    }

    [Fact]
    public void Compile_ConditionUnchanged_KeepsItsTime()
    {
        var pod = Pod("Always", "run");
        pod = pod with { Status = new() { Conditions = [new() { Type = "Ready", Status = "True", LastTransitionTime = Now.AddHours(-1) }, new() { Type = "Initialized", Status = "False", LastTransitionTime = Now.AddHours(-1) }] } };
        var conditions = PodStatusCompiler.Compile(pod, View("run"), Now).Conditions.ToDictionary(condition => condition.Type, condition => condition.LastTransitionTime);
        Assert.Equal(Now.AddHours(-1), conditions["Ready"]);
        Assert.Equal(Now, conditions["Initialized"]);
    }

    [Fact]
    public void Compile_ReadinessGate_WaitsForItsCondition()
    {
        var pod = Pod("Always", "run");
        pod = pod with { Spec = pod.Spec with { ReadinessGates = [new() { ConditionType = "x/y" }] } };
        Assert.Contains(PodStatusCompiler.Compile(pod, View("run"), Now).Conditions, condition => condition is { Type: "Ready", Status: "False", Reason: "ReadinessGatesNotReady" });
        pod = pod with { Status = new() { Conditions = [new() { Type = "x/y", Status = "True" }] } };
        Assert.Contains(PodStatusCompiler.Compile(pod, View("run"), Now).Conditions, condition => condition is { Type: "Ready", Status: "True" });
    }

    [Fact]
    public void Compile_CrashLoop_ShowsTheEndAsLastState()
    {
        var view = View("1");
        var status = PodStatusCompiler.Compile(
            Pod("Always", "1"),
            view with { Containers = new Dictionary<string, ContainerView> { ["a"] = view.Of("a") with { WaitingReason = "CrashLoopBackOff", WaitingMessage = "back-off" } } },
            Now).ContainerStatuses[0];
        Assert.Equal("CrashLoopBackOff", status.State?.Waiting?.Reason);
        Assert.Equal(1, status.LastState?.Terminated?.ExitCode);
    }

    [Fact]
    public void Patch_OnlyReadinessChanged_HasOnlyThat()
    {
        var before = PodStatusCompiler.Compile(Pod("Always", "run"), View("run"), Now);
        var after = PodStatusCompiler.Compile(Pod("Always", "run") with { Status = before }, View("run") with { Stopping = true }, Now.AddSeconds(5));
        Assert.Null(StatusPatch.Compile(before, before));
        var patch = StatusPatch.Compile(before, after)!;
        Assert.Equal(["conditions", "containerStatuses"], patch.Select(field => field.Key).Order());
        Assert.Equal(["Ready", "ContainersReady"], patch["conditions"]!.AsArray().Select(condition => condition!["type"]!.GetValue<string>()));
        var back = StatusPatch.Compile(after, before)!["conditions"]!.AsArray()[0]!.AsObject();
        Assert.True(back.ContainsKey("reason") && back["reason"] is null);
    }

    private static Pod Pod(string policy, string containers) => new()
    {
        Metadata = new() { Name = "p" },
        Spec = new() { RestartPolicy = policy, Containers = [.. Names(containers).Select(name => new Container { Name = name })] },
    };

    private static PodView View(string containers) => new()
    {
        HostAddress = "192.168.77.11",
        Address = "10.244.1.2",
        NetworkReady = true,
        Containers = Names(containers).Zip(containers.Split(',')).ToDictionary(entry => entry.First, entry => Seen(entry.Second, entry.First)),
    };

    private static IEnumerable<string> Names(string containers) => containers.Split(',').Select((_, index) => $"{(char)('a' + index)}");

    private static ContainerView Seen(string state, string name) => state switch
    {
        "none" => default,
        "run" => new(Running with { Name = name }, null, null, true),
        _ => new(Running with { Name = name, Ended = new() { Id = "id", ExitCode = int.Parse(state), Reason = "Error", FinishedAt = Now } }, null, null, false),
    };
}
