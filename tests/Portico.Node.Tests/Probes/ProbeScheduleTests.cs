using Portico.Node.Probes;

namespace Portico.Node.Tests.Probes;

public sealed class ProbeScheduleTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Observe_ReadinessOfANewContainer_IsAskedEagerlyAndFailuresCountOnlyPerPeriod()
    {
        var schedule = new ProbeSchedule(ProbeKind.Readiness, new() { PeriodSeconds = 5, FailureThreshold = 2 }, Start);
        Assert.Equal(Start, schedule.Due);
        Assert.True(schedule.Observe(false, Start));
        for (var i = 1; i < 50; i++)
        {
            Assert.Equal(Start.AddMilliseconds(100 * i), schedule.Due);
            Assert.False(schedule.Observe(false, schedule.Due));
            Assert.Null(schedule.Result);
        }

        Assert.Equal(Start.AddSeconds(5), schedule.Due);
        Assert.True(schedule.Observe(false, schedule.Due));
        Assert.False(schedule.Result);
        Assert.False(schedule.Observe(true, schedule.Due));
        Assert.True(schedule.Result);
        Assert.Equal(Start.AddSeconds(10), schedule.Due);
    }

    [Fact]
    public void Observe_AfterTenSeconds_IsAskedOncePerPeriod()
    {
        var schedule = new ProbeSchedule(ProbeKind.Readiness, new() { PeriodSeconds = 3 }, Start);
        schedule.Observe(false, Start.AddSeconds(11));
        Assert.Equal(Start.AddSeconds(12), schedule.Due);
    }

    [Fact]
    public void Observe_InitialDelay_IsHonoured() =>
        Assert.Equal(Start.AddSeconds(7), new ProbeSchedule(ProbeKind.Readiness, new() { InitialDelaySeconds = 7 }, Start).Due);

    [Fact]
    public void Observe_Liveness_IsNeverEagerAndFailsAtTheThreshold()
    {
        var schedule = new ProbeSchedule(ProbeKind.Liveness, new() { PeriodSeconds = 1 }, Start);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(schedule.Result);
            Assert.Equal(Start.AddSeconds(i), schedule.Due);
            Assert.True(schedule.Observe(false, schedule.Due));
        }

        Assert.False(schedule.Result);
    }

    [Fact]
    public void Observe_SuccessBetweenFailures_ResetsTheCount()
    {
        var schedule = new ProbeSchedule(ProbeKind.Liveness, new() { PeriodSeconds = 1, FailureThreshold = 2 }, Start);
        foreach (var success in (bool[])[false, true, false, true, false])
        {
            schedule.Observe(success, schedule.Due);
        }

        Assert.True(schedule.Result);
    }

    [Fact]
    public void Observe_SuccessThreshold_CountsPeriods()
    {
        var schedule = new ProbeSchedule(ProbeKind.Readiness, new() { PeriodSeconds = 1, SuccessThreshold = 2 }, Start);
        schedule.Observe(true, Start);
        schedule.Observe(true, Start.AddMilliseconds(100));
        Assert.Null(schedule.Result);
        schedule.Observe(true, Start.AddSeconds(1));
        Assert.True(schedule.Result);
    }
}
