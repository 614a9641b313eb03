using CsCheck;
using Portico.Api.Objects;
using Portico.Api.Values;
using Portico.Controllers.Deployments;
using Portico.Controllers.Tests.Running;

namespace Portico.Controllers.Tests.Deployments;

public sealed class RollingUpdateTests
{
    [Theory]
    // replicas, maxSurge, maxUnavailable → surge, unavailable; the rounding of upstream's ResolveFenceposts.
    [InlineData(10, "25%", "25%", 3, 2)]
    [InlineData(1, "25%", "25%", 1, 0)]
    [InlineData(3, "0%", "25%", 0, 1)]
    [InlineData(4, "1", "0", 1, 0)]
    [InlineData(4, "0", "0", 0, 1)]
    [InlineData(5, "100%", "10", 5, 5)]
    [InlineData(0, "25%", "25%", 0, 0)]
    public void Limits_OfSpec_RoundSurgeUpAndUnavailableDown(int replicas, string surge, string unavailable, int expectedSurge, int expectedUnavailable)
    {
        var limits = RolloutLimits.Of(RunningControllers.Deployment("web", replicas, Parse(surge), Parse(unavailable)).Spec);
        Assert.Equal((expectedSurge, expectedUnavailable), (limits.MaxSurge, limits.MaxUnavailable));
    }

    [Theory]
    // replicas, surge, unavailable, new (asked/available), old (asked/available) → new, old
    [InlineData(10, 0, 2, 0, 0, 10, 10, 0, 8)] // no surge: room is made first
    [InlineData(10, 2, 0, 0, 0, 10, 10, 2, 10)] // up by the surge first
    [InlineData(10, 2, 0, 2, 2, 10, 10, 2, 8)] // what the new one has, the old one gives
    [InlineData(10, 2, 0, 2, 1, 10, 10, 2, 9)]
    [InlineData(10, 2, 0, 2, 0, 10, 10, 2, 10)] // new pods not available: nothing may go
    [InlineData(10, 0, 2, 2, 0, 8, 8, 2, 8)]
    [InlineData(10, 0, 2, 2, 0, 8, 5, 2, 8)] // unhealthy old ones don't go beyond the budget either
    [InlineData(10, 3, 2, 5, 0, 8, 8, 5, 8)] // upstream's first example: crash-looping new pods block
    [InlineData(10, 3, 2, 0, 0, 13, 8, 0, 8)] // upstream's second: a new rollout over one that is stuck
    [InlineData(10, 0, 5, 0, 0, 10, 8, 0, 5)] // the unhealthy two first, then the spare ones
    [InlineData(3, 1, 0, 4, 4, 0, 0, 3, 0)] // scaled down meanwhile
    [InlineData(3, 1, 0, 3, 3, 1, 1, 3, 0)]
    [InlineData(3, 1, 0, 3, 3, 0, 0, 3, 0)] // done
    public void Compute_OneStep_IsAsUpstream(
        int replicas, int surge, int unavailable, int newAsked, int newAvailable, int oldAsked, int oldAvailable, int expectedNew, int expectedOld)
    {
        var deployment = RunningControllers.Deployment("web:2", replicas, new(surge), new(unavailable));
        var rollout = Rollout.Of(deployment, [Set("new", "web:2", newAsked, newAvailable), Set("old", "web:1", oldAsked, oldAvailable)]);
        var (asNew, asOld) = (newAsked, oldAsked);
        foreach (var step in RollingUpdate.Compute(rollout))
        {
            (asNew, asOld) = step.Set.Metadata.Name == "new" ? (step.Replicas, asOld) : (asNew, step.Replicas);
        }

        Assert.Equal((expectedNew, expectedOld), (asNew, asOld));
    }

    [Fact]
    public void Compute_StatusBehindTheLastScaling_WaitsForIt()
    {
        var deployment = RunningControllers.Deployment("web:2", 3, new(1), new(0));
        var old = Set("old", "web:1", 3, 3);
        var behind = old with { Metadata = old.Metadata with { Generation = 2 } };
        Assert.NotEmpty(RollingUpdate.Compute(Rollout.Of(deployment, [Set("new", "web:2", 1, 1), old])));
        Assert.Empty(RollingUpdate.Compute(Rollout.Of(deployment, [Set("new", "web:2", 1, 1), behind])));
    }

    [Fact]
    public void Rollout_AnyOrderOfActors_NeverLeavesItsLimitsAndEnds() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 3].Array[1, 4], Gen.Int).Sample((replicas, surge, unavailable, images, seed) =>
        {
            var simulation = new RolloutSimulation(seed, replicas, surge, unavailable);
            Settle(simulation);
            foreach (var image in images)
            {
                simulation.SetImage(image);
                for (var i = 0; i < 60; i++)
                {
                    simulation.Step();
                    Assert.True(simulation.Available >= simulation.Limits.MinAvailable, $"{simulation.Available} available: {simulation.State}");
                    Assert.True(simulation.Asked <= simulation.Limits.MaxTotal, $"{simulation.Asked} asked for: {simulation.State}");
                }
            }

            Settle(simulation);
        });

    private static void Settle(RolloutSimulation simulation)
    {
        for (var i = 0; i < 300 && !simulation.IsSettled; i++)
        {
            simulation.Round();
        }

        Assert.True(simulation.IsSettled, $"stuck at {simulation.State}");
    }

    private static ReplicaSet Set(string name, string image, int asked, int available) => new()
    {
        Metadata = new() { Name = name, Generation = 1, CreationTimestamp = DateTimeOffset.UnixEpoch },
        Spec = new() { Replicas = asked, Template = RunningControllers.Template(image) },
        Status = new() { ObservedGeneration = 1, Replicas = asked, AvailableReplicas = available },
    };

    private static IntOrString Parse(string text) => text.EndsWith('%') ? new(text) : new(int.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
}
