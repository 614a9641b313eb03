using CsCheck;
using Portico.Addresses.Vrrp;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Tests.Vrrp;

/// <summary>Every event of RFC 9568, section 6.4, in every state. The clock is a number.</summary>
public sealed class VrrpMachineTests
{
    private const VrrpActions Elected = VrrpActions.Advertise | VrrpActions.Announce;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // Priority 128: a skew of half an interval.
    private static readonly TimeSpan Down = TimeSpan.FromSeconds(3.5);

    [Fact]
    public void Start_Owner_ActiveAtOnce()
    {
        var machine = Machine(priority: 255);

        Assert.Equal(Elected, machine.Start(Second));

        Assert.Equal((VrrpState.Active, 2 * Second), State(machine));
    }

    [Fact]
    public void Start_Else_BackupUntilNobodyIsHeard()
    {
        var machine = Machine();

        Assert.Equal(VrrpActions.None, machine.Start(Second));

        Assert.Equal((VrrpState.Backup, Second + Down), State(machine));
    }

    [Fact]
    public void Initialize_AnyOtherEvent_Nothing()
    {
        var machine = Machine();

        Assert.Equal(VrrpActions.None, machine.Stop());
        Assert.Equal(VrrpActions.None, machine.Elapse(Second));
        Assert.Equal(VrrpActions.None, machine.Receive(Second, 200, Second, isGreater: true));
        Assert.Equal(VrrpActions.None, machine.Follow(Second));
        Assert.Equal(VrrpActions.None, machine.Yield(Second));

        Assert.Equal((VrrpState.Initialize, null), State(machine));
    }

    [Fact]
    public void Backup_Stop_InitializeWithoutAWord()
    {
        var machine = Backup();

        Assert.Equal(VrrpActions.None, machine.Stop());

        Assert.Equal((VrrpState.Initialize, null), State(machine));
    }

    [Fact]
    public void Backup_Start_Nothing()
    {
        var machine = Backup();

        Assert.Equal(VrrpActions.None, machine.Start(Second));

        Assert.Equal((VrrpState.Backup, Down), State(machine));
    }

    [Fact]
    public void Backup_ActiveDownTimer_Active()
    {
        var machine = Backup();

        Assert.Equal(VrrpActions.None, machine.Elapse(Down - TimeSpan.FromTicks(1)));
        Assert.Equal(Elected, machine.Elapse(Down));

        Assert.Equal((VrrpState.Active, Down + Second), State(machine));
    }

    [Fact]
    public void Backup_PriorityZero_WaitsForTheSkewOnly()
    {
        var machine = Backup();

        Assert.Equal(VrrpActions.None, machine.Receive(Second, 0, Second, isGreater: false));

        Assert.Equal((VrrpState.Backup, 1.5 * Second), State(machine));
    }

    [Theory]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(255)]
    public void Backup_PriorityNotLower_WaitsByTheSendersInterval(byte priority)
    {
        var machine = Backup();

        Assert.Equal(VrrpActions.None, machine.Receive(Second, priority, 2 * Second, isGreater: false));

        Assert.Equal((VrrpState.Backup, 8 * Second), State(machine));
    }

    [Fact]
    public void Backup_LowerPriority_IsNotHeard()
    {
        var machine = Backup();

        Assert.Equal(VrrpActions.None, machine.Receive(Second, 127, 2 * Second, isGreater: true));

        Assert.Equal((VrrpState.Backup, Down), State(machine));
    }

    [Fact]
    public void Backup_LowerPriorityWithoutPreemption_Waits()
    {
        var machine = Backup(preempt: false);

        Assert.Equal(VrrpActions.None, machine.Receive(Second, 1, Second, isGreater: false));

        Assert.Equal((VrrpState.Backup, Second + Down), State(machine));
    }

    [Fact]
    public void Backup_LowerPriorityWithDelay_WaitsUntilItIsOver()
    {
        var machine = Backup(preemptDelay: 10 * Second);
        for (var now = Second; now < 10 * Second; now += Second)
        {
            Assert.Equal(VrrpActions.None, machine.Receive(now, 1, Second, isGreater: false));
            Assert.Equal((VrrpState.Backup, now + Down), State(machine));
        }

        Assert.Equal(VrrpActions.None, machine.Receive(10 * Second, 1, Second, isGreater: false));

        // The advertisement of second 9 was the last that counted.
        Assert.Equal((VrrpState.Backup, (9 * Second) + Down), State(machine));
    }

    [Fact]
    public void Backup_DelayAndAStrongerRouter_TheDelayBeginsAnew()
    {
        var machine = Backup(preemptDelay: 10 * Second);
        machine.Receive(9 * Second, 200, Second, isGreater: false);
        machine.Receive(11 * Second, 1, Second, isGreater: false);
        machine.Receive(20 * Second, 1, Second, isGreater: false);

        Assert.Equal((VrrpState.Backup, (20 * Second) + Down), State(machine));

        machine.Receive(21 * Second, 1, Second, isGreater: false);
        Assert.Equal((VrrpState.Backup, (20 * Second) + Down), State(machine));
    }

    [Fact]
    public void Active_Stop_Resigns()
    {
        var machine = Active();

        Assert.Equal(VrrpActions.Withdraw | VrrpActions.Resign, machine.Stop());

        Assert.Equal((VrrpState.Initialize, null), State(machine));
    }

    [Fact]
    public void Active_AdverTimer_Advertises()
    {
        var machine = Active();

        Assert.Equal(VrrpActions.Advertise, machine.Elapse(Second));
        Assert.Equal((VrrpState.Active, 2 * Second), State(machine));

        // A late timer is made up for; a very late one is not repeated.
        Assert.Equal(VrrpActions.Advertise, machine.Elapse(2.3 * Second));
        Assert.Equal((VrrpState.Active, 3 * Second), State(machine));
        Assert.Equal(VrrpActions.Advertise, machine.Elapse(10 * Second));
        Assert.Equal((VrrpState.Active, 11 * Second), State(machine));
    }

    [Fact]
    public void Active_PriorityZero_AnswersAtOnce()
    {
        var machine = Active();

        Assert.Equal(VrrpActions.Advertise, machine.Receive(0.4 * Second, 0, Second, isGreater: true));

        Assert.Equal((VrrpState.Active, 1.4 * Second), State(machine));
    }

    [Theory]
    [InlineData(129, false)]
    [InlineData(128, true)]
    public void Active_StrongerRouter_Backup(byte priority, bool isGreater)
    {
        var machine = Active();

        Assert.Equal(VrrpActions.Withdraw, machine.Receive(0.5 * Second, priority, 2 * Second, isGreater));

        Assert.Equal((VrrpState.Backup, 7.5 * Second), State(machine));
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, false)]
    public void Active_WeakerRouter_AssertsItself(byte priority, bool isGreater)
    {
        var machine = Active();

        Assert.Equal(VrrpActions.Advertise, machine.Receive(0.5 * Second, priority, Second, isGreater));

        Assert.Equal((VrrpState.Active, Second), State(machine));
    }

    [Fact]
    public void Active_WeakerRouterInVersion2_GoesOn()
    {
        var machine = Active(VrrpVersion.V2);

        Assert.Equal(VrrpActions.None, machine.Receive(0.5 * Second, 1, Second, isGreater: true));
    }

    [Fact]
    public void Version2_SkewIsOfASecond()
    {
        var machine = new VrrpMachine(VrrpVersion.V2, 4 * Second, preempt: true, TimeSpan.Zero) { Priority = 64 };
        machine.Start(TimeSpan.Zero);

        Assert.Equal((VrrpState.Backup, 12.75 * Second), State(machine));
    }

    [Fact]
    public void Follow_Backup_Active()
    {
        var machine = Backup();

        Assert.Equal(Elected, machine.Follow(Second));
        Assert.Equal(VrrpActions.None, machine.Follow(Second));

        Assert.Equal((VrrpState.Active, 2 * Second), State(machine));
    }

    [Fact]
    public void Yield_Active_ResignsAndStaysReady()
    {
        var machine = Active();

        Assert.Equal(VrrpActions.Withdraw | VrrpActions.Resign, machine.Yield(Second));
        Assert.Equal(VrrpActions.None, machine.Yield(Second));

        Assert.Equal((VrrpState.Backup, Second + Down), State(machine));
    }

    [Fact]
    public void TwoRouters_WhateverIsLost_OneIsActiveOnceBothHearEachOther() =>
        Gen.Select(Gen.Byte[1, 254], Gen.Byte[1, 254], Gen.Int[5, 300], Gen.Int[5, 300], Gen.Bool, Gen.Bool.Array[40]).Sample(static world =>
        {
            var (priority1, priority2, interval1, interval2, preempt, lost) = world;
            VrrpMachine[] routers =
            [
                new(VrrpVersion.V3, interval1 * TimeSpan.FromMilliseconds(10), preempt, TimeSpan.Zero) { Priority = priority1 },
                new(VrrpVersion.V3, interval2 * TimeSpan.FromMilliseconds(10), preempt, TimeSpan.Zero) { Priority = priority2 },
            ];
            int[] intervals = [interval1, interval2];
            routers[0].Start(TimeSpan.Zero);
            routers[1].Start(TimeSpan.Zero);
            var (steps, now, healed) = (0, TimeSpan.Zero, TimeSpan.Zero);
            while (steps < lost.Length || now < healed + TimeSpan.FromSeconds(30))
            {
                var next = routers[0].Deadline <= routers[1].Deadline ? 0 : 1;
                now = routers[next].Deadline!.Value;
                var heard = steps >= lost.Length || !lost[steps];
                healed = steps < lost.Length ? now : healed;
                steps++;
                for (var (sender, actions) = (next, routers[next].Elapse(now)); heard && actions.HasFlag(VrrpActions.Advertise); sender = 1 - sender)
                {
                    actions = routers[1 - sender].Receive(now, routers[sender].Priority, intervals[sender] * TimeSpan.FromMilliseconds(10), isGreater: sender == 1);
                }
            }

            Assert.Single(routers, static router => router.State == VrrpState.Active);
        });

    private static VrrpMachine Machine(byte priority = 128, VrrpVersion version = VrrpVersion.V3, bool preempt = true, TimeSpan preemptDelay = default) =>
        new(version, Second, preempt, preemptDelay) { Priority = priority };

    private static VrrpMachine Backup(bool preempt = true, TimeSpan preemptDelay = default)
    {
        var machine = Machine(preempt: preempt, preemptDelay: preemptDelay);
        machine.Start(TimeSpan.Zero);
        return machine;
    }

    private static VrrpMachine Active(VrrpVersion version = VrrpVersion.V3)
    {
        var machine = Machine(version: version);
        machine.Start(-Down);
        machine.Elapse(TimeSpan.Zero);
        return machine;
    }

    private static (VrrpState State, TimeSpan? Deadline) State(VrrpMachine machine) => (machine.State, machine.Deadline);
}
