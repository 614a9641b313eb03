using CsCheck;
using Portico.Addresses.Allocations;
using Portico.Api.Kinds;
using Portico.Api.Objects;

namespace Portico.Addresses.Tests.Allocations;

public sealed class AllocationTests
{
    [Fact]
    public void Compute_NewServices_FirstFreeByAge()
    {
        var plan = Compute(Some.Service("young", age: 1), Some.Service("old", age: 9), Some.Service("also-old", age: 9));

        Assert.Equal("also-old=10.0.0.1 old=10.0.0.2 young=10.0.0.3", Text(plan));
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public void Compute_StatusShowsAnAddress_ItIsKeptBeforeAnythingIsGivenOut()
    {
        var plan = Compute(Some.Service("old", age: 9), Some.Service("young", has: "10.0.0.1"));

        Assert.Equal("old=10.0.0.2 young=10.0.0.1", Text(plan));
    }

    [Fact]
    public void Compute_StatusOutsideThePool_GetsANewOne()
    {
        Assert.Equal("web=10.0.0.1", Text(Compute(Some.Service("web", has: "10.9.9.9"))));
    }

    [Fact]
    public void Compute_TwoShowTheSame_OlderKeepsIt()
    {
        var plan = Compute(Some.Service("young", has: "10.0.0.1"), Some.Service("old", age: 1, has: "10.0.0.1"));

        Assert.Equal("old=10.0.0.1 young=10.0.0.2", Text(plan));
    }

    [Fact]
    public void Compute_Exhausted_ProblemOnTheYoungestOnly()
    {
        var plan = Compute(Some.Service("a", 4), Some.Service("b", 3), Some.Service("c", 2), Some.Service("d", 1));

        Assert.Equal("a=10.0.0.1 b=10.0.0.2 c=10.0.0.3", Text(plan));
        Assert.Contains("all 3 addresses of the pool 10.0.0.1-10.0.0.3 are in use", Assert.Single(plan.Problems).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_AskedFor_BeforeAnyOlderServiceGetsItByChance()
    {
        var plan = Compute(Some.Service("old", age: 9), Some.Service("young", asks: "10.0.0.1"));

        Assert.Equal("old=10.0.0.2 young=10.0.0.1", Text(plan));
    }

    [Fact]
    public void Compute_AskedForByTwo_OlderGetsItOtherHasAProblemThatNamesIt()
    {
        var plan = Compute(Some.Service("young", asks: "10.0.0.2"), Some.Service("old", age: 9, asks: "10.0.0.2"));

        Assert.Equal("old=10.0.0.2", Text(plan));
        Assert.Equal(
            "spec.loadBalancerIP: 10.0.0.2 belongs to service shop/old: ask for another address, or delete that Service first",
            plan.Problems[new("shop", "young")]);
    }

    [Fact]
    public void Compute_AsksForAnotherThanItHas_MovesWhenFreeAndStaysWhenNot()
    {
        Assert.Equal("web=10.0.0.3", Text(Compute(Some.Service("web", has: "10.0.0.1", asks: "10.0.0.3"))));

        var refused = Compute(Some.Service("other", has: "10.0.0.3"), Some.Service("web", has: "10.0.0.1", asks: "10.0.0.3"));
        Assert.Equal("other=10.0.0.3 web=10.0.0.1", Text(refused));
        Assert.True(refused.Problems.ContainsKey(new("shop", "web")));
    }

    [Fact]
    public void Compute_Moving_TheAddressItLeavesIsNotGivenAwayYet()
    {
        var plan = Compute(Some.Service("web", has: "10.0.0.1", asks: "10.0.0.3"), Some.Service("next"));

        Assert.Equal("next=10.0.0.2 web=10.0.0.3", Text(plan));
    }

    [Fact]
    public void Compute_BeingDeletedOrOfAnotherType_HoldsWhatItShows()
    {
        var deleted = Some.Service("deleted", has: "10.0.0.1");
        deleted = deleted with { Metadata = deleted.Metadata with { DeletionTimestamp = Some.Noon } };
        var turned = Some.Service("turned", has: "10.0.0.2") with { Spec = new() { Type = "ClusterIP" } };

        Assert.Equal("web=10.0.0.3", Text(Compute(deleted, turned, Some.Service("web"))));
    }

    [Fact]
    public void Compute_OtherClass_IsNotOurs()
    {
        var other = Some.Service("other") with { Spec = new() { Type = "LoadBalancer", LoadBalancerClass = "example.com/lb" } };
        var own = Some.Service("own") with { Spec = new() { Type = "LoadBalancer", LoadBalancerClass = "portico.dev/addresses" } };

        Assert.Equal("own=10.0.0.1", Text(Compute(other, own)));
    }

    [Theory]
    [InlineData("portico.dev/address")]
    [InlineData("metallb.io/loadBalancerIPs")]
    public void Compute_Annotation_IsARequest(string annotation)
    {
        Assert.Equal("web=10.0.0.3", Text(Compute(Some.Service("web").Annotated(annotation, "10.0.0.3"))));
    }

    [Theory]
    [InlineData("10.9.9.9", "10.9.9.9 is not in the pool 10.0.0.1-10.0.0.3")]
    [InlineData("10.0.0.1,fd00::1", "is no single IPv4 address")]
    [InlineData("10.0.0.2", "differs from metadata.annotations[portico.dev/address]: 10.0.0.1")]
    public void Compute_BadRequest_ProblemNamesFieldAndOthersGoOn(string asked, string said)
    {
        var bad = Some.Service("bad", asks: asked).Annotated("portico.dev/address", asked == "10.0.0.2" ? "10.0.0.1" : "");

        var plan = Compute(bad, Some.Service("good"));

        Assert.Equal("good=10.0.0.1", Text(plan));
        Assert.StartsWith("spec.loadBalancerIP: ", plan.Problems[new("shop", "bad")], StringComparison.Ordinal);
        Assert.Contains(said, plan.Problems[new("shop", "bad")], StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_AnyServices_OneOwnerEachAndNoMatterTheOrder() =>
        Gen.Select(Services.List[0, 8], Gen.Int).Sample(static (services, seed) =>
        {
            var named = services.Select((make, index) => make($"s{index}")).ToArray();
            var plan = Compute(named);
            var shuffled = (Service[])named.Clone();
            new Random(seed).Shuffle(shuffled);

            Assert.Equal(Text(plan), Text(Compute(shuffled)));
            Assert.Equal(plan.Assignments.Count, plan.Assignments.Values.Distinct().Count());
            Assert.All(plan.Assignments.Values, static address => Assert.True(Some.Pool.Contains(address)));
            Assert.All(named, service => Assert.True(plan.Assignments.ContainsKey(ObjectKey.Of(service)) || plan.Problems.ContainsKey(ObjectKey.Of(service))));
        });

    [Fact]
    public void Compute_AppliedAgain_IsSettled() =>
        Services.List[0, 8].Sample(static services =>
        {
            var now = services.Select((make, index) => make($"s{index}")).ToList();
            // Each step may free what the next one gives out; after so many nothing moves any more.
            for (var step = 0; step <= services.Count; step++)
            {
                now = Applied(now, Compute([.. now]));
            }

            var settled = Compute([.. now]);
            Assert.Equal(Text(settled), Text(Compute([.. Applied(now, settled)])));
            Assert.True(settled.Assignments.Count == Math.Min(3, now.Count) || settled.Problems.Count > 0);
        });

    private static readonly Gen<Func<string, Service>> Services =
        from age in Gen.Int[0, 2]
        from has in Gen.Int[0, 4]
        from asks in Gen.Int[0, 8]
        select (Func<string, Service>)(name => Some.Service(name, age, has is 0 ? null : $"10.0.0.{has}", asks is 0 or > 4 ? null : $"10.0.0.{asks}"));

    private static List<Service> Applied(List<Service> services, AllocationPlan plan) =>
        [.. services.Select(service => service with
        {
            Status = plan.Assignments.TryGetValue(ObjectKey.Of(service), out var address) ? Some.Showing(address.ToString()) : new(),
        })];

    private static AllocationPlan Compute(params Service[] services) => Allocation.Compute(services, Some.Pool);

    private static string Text(AllocationPlan plan) => string.Join(' ', plan.Assignments.Select(static pair => $"{pair.Key.Name}={pair.Value}"));
}
