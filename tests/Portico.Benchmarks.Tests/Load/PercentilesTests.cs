using Portico.Benchmarks.Load;

namespace Portico.Benchmarks.Tests.Load;

public sealed class PercentilesTests
{
    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(1, 100)]
    [InlineData(0, 1)]
    public void Of_IsAValueThatOccurred(double share, double expected)
    {
        var values = Enumerable.Range(1, 100).Reverse().Select(static value => (double)value);

        Assert.Equal(expected, Percentiles.Of(values, share));
    }

    [Fact]
    public void Of_Nothing_IsNoNumber()
    {
        Assert.True(double.IsNaN(Percentiles.Of([], 0.5)));
    }
}
