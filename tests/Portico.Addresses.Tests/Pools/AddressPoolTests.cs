using Portico.Addresses.Pools;

namespace Portico.Addresses.Tests.Pools;

public sealed class AddressPoolTests
{
    [Theory]
    [InlineData("192.168.77.200-192.168.77.250", 51, "192.168.77.200", "192.168.77.250")]
    [InlineData("10.1.0.16/28", 16, "10.1.0.16", "10.1.0.31")]
    [InlineData("10.1.0.7/32", 1, "10.1.0.7", "10.1.0.7")]
    [InlineData("10.1.0.7", 1, "10.1.0.7", "10.1.0.7")]
    [InlineData("0.0.0.0/0", 4294967296, "0.0.0.0", "255.255.255.255")]
    [InlineData("10.0.0.9 - 10.0.0.10, 10.0.0.1", 3, "10.0.0.9", "10.0.0.1")]
    public void TryParse_Good_Ranges(string text, long size, string first, string last)
    {
        Assert.True(AddressPool.TryParse(text, out var pool, out var error), error);

        Assert.Equal(size, pool.Size);
        Assert.Equal(first, pool.Ranges[0].First.ToString());
        Assert.Equal(last, pool.Ranges[^1].Last.ToString());
        Assert.True(pool.Contains(pool.Ranges[0].First));
        Assert.True(pool.Contains(pool.Ranges[^1].Last));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("10.0.0.2-10.0.0.1", "10.0.0.2-10.0.0.1")]
    [InlineData("10.0.0.1/24", "10.0.0.1/24")]
    [InlineData("10.0.0.0/33", "10.0.0.0/33")]
    [InlineData("10.0.0.1, fd00::/64", "fd00::/64")]
    [InlineData("10.0.0.0/24, 10.0.0.9", "overlap")]
    public void TryParse_Bad_NamesThePart(string text, string named)
    {
        Assert.False(AddressPool.TryParse(text, out _, out var error));
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_LastAddressOfAll_Ends()
    {
        var pool = AddressPool.Parse("255.255.255.254-255.255.255.255");

        Assert.Equal([new(0xFFFFFFFE), new(0xFFFFFFFF)], pool.Free(new HashSet<IPv4>()));
    }
}
