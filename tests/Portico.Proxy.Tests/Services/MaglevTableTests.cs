using System.Net;
using CsCheck;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests.Services;

public sealed class MaglevTableTests
{
    private static readonly Gen<EndpointAddress[]> Endpoints = Gen.Int[1, 200].Array[2, 40].Select(numbers => numbers.Distinct().Order().Select(Endpoint).ToArray());

    [Fact]
    public void Build_AnyEndpoints_SharesAreNearlyEven() => Endpoints.Sample(endpoints =>
    {
        var shares = MaglevTable.Build(endpoints).GroupBy(endpoint => endpoint).Select(group => group.Count()).ToList();
        Assert.Equal(endpoints.Length, shares.Count);
        Assert.True(shares.Max() - shares.Min() <= 1, $"shares from {shares.Min()} to {shares.Max()}");
    });

    [Fact]
    public void Build_OneEndpointMore_LittleMoreThanItsShareMoves() => Gen.Select(Endpoints, Gen.Int[201, 254]).Sample((endpoints, number) =>
    {
        var before = MaglevTable.Build(endpoints);
        var after = MaglevTable.Build(endpoints.Append(Endpoint(number)).ToArray());
        var moved = before.Zip(after).Count(pair => pair.First != pair.Second && pair.Second != Endpoint(number));
        // Eisenbud et al., figure 12: a few percent beyond the share of the one that came.
        Assert.True(moved <= before.Length / 5, $"{moved} of {before.Length} slots moved between endpoints that stayed");
    });

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1021)]
    [InlineData(100, 1021)]
    [InlineData(101, 16381)]
    public void SizeFor_Endpoints_PrimeThatIsMuchLarger(int endpoints, int size) => Assert.Equal(size, MaglevTable.SizeFor(endpoints));

    [Fact]
    public void Build_KnownEndpoints_SameAsInEveryRelease() =>
        Assert.Equal("113232132321332113313113", string.Concat(MaglevTable.Build(new[] { Endpoint(1), Endpoint(2), Endpoint(3) }).Take(24).Select(endpoint => endpoint.Address.GetAddressBytes()[3])));

    private static EndpointAddress Endpoint(int number) => new(IPAddress.Parse($"10.244.1.{number}"), 8080, false);
}
