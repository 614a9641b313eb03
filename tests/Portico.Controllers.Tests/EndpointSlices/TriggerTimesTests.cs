using Portico.Api.Objects;
using Portico.Controllers.EndpointSlices;

namespace Portico.Controllers.Tests.EndpointSlices;

public sealed class TriggerTimesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Next_IsTheOldestChangeSinceTheLastCall()
    {
        var times = new TriggerTimes();
        var service = new Service { Metadata = new() { Namespace = "shop", Name = "web", CreationTimestamp = Start } };
        Assert.Equal(Start, times.Next(service, [Pod("a", 5)]));
        Assert.Null(times.Next(service, [Pod("a", 5)]));
        Assert.Equal(Start.AddSeconds(7), times.Next(service, [Pod("a", 9), Pod("b", 7)]));
        Assert.Null(times.Next(service, [Pod("a", 9)]));
        times.Forget(new("shop", "web"));
        Assert.Equal(Start, times.Next(service, []));
    }

    private static Pod Pod(string name, int seconds) => new()
    {
        Metadata = new() { Name = name },
        Status = new() { Conditions = [new() { Type = "Ready", Status = "True", LastTransitionTime = Start.AddSeconds(seconds) }] },
    };
}
