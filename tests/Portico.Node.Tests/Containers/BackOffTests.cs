using Portico.Node.Containers;

namespace Portico.Node.Tests.Containers;

public sealed class BackOffTests
{
    [Fact]
    public void Delay_RestartsInARow_DoublesToFiveMinutes() =>
        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], Enumerable.Range(0, 8).Select(count => (int)BackOff.Delay(count).TotalSeconds));

    [Fact]
    public void Next_RunWasLong_BeginsAnew()
    {
        var start = DateTimeOffset.UnixEpoch;
        Assert.Equal(5, BackOff.Next(4, start, start.AddMinutes(9)));
        Assert.Equal(1, BackOff.Next(4, start, start.AddMinutes(10)));
    }
}
