using System.Net;
using Portico.Node.Networks;

namespace Portico.Node.Tests.Networks;

public sealed class AddressPoolTests
{
    [Fact]
    public void Take_SmallNetwork_GivesEachOnceAndRestsFreedOnes()
    {
        var pool = new AddressPool(IPNetwork.Parse("10.244.1.0/29"));
        Assert.True(pool.TryTake(IPAddress.Parse("10.244.1.3")));
        Assert.False(pool.TryTake(IPAddress.Parse("10.244.1.3")));
        Assert.False(pool.TryTake(IPAddress.Parse("10.244.2.3")));
        Assert.Equal(["10.244.1.2", "10.244.1.4"], [$"{pool.Take()}", $"{pool.Take()}"]);
        pool.Release(IPAddress.Parse("10.244.1.2"));
        Assert.Equal(["10.244.1.5", "10.244.1.6", "10.244.1.2", ""], [$"{pool.Take()}", $"{pool.Take()}", $"{pool.Take()}", $"{pool.Take()}"]);
    }
}
