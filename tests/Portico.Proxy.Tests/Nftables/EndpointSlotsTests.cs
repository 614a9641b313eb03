using System.Net;
using CsCheck;
using Portico.Proxy.Nftables;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests.Nftables;

public sealed class EndpointSlotsTests
{
    [Fact]
    public void Arrange_AnyChange_EveryEndpointOnceAndAsFewMovesAsPossible()
    {
        var endpoints = Gen.Int[1, 30].Array[0, 12].Select(numbers => numbers.Distinct().Order().Select(Endpoint).ToArray());
        Gen.Select(endpoints, endpoints, Gen.Int).Sample((before, after, seed) =>
        {
            var random = new Random(seed);
            random.Shuffle(before);
            var slots = EndpointSlots.Arrange(before, after);

            Assert.Equal(after, slots.OrderBy(endpoint => endpoint.Port));
            for (var slot = 0; slot < Math.Min(before.Length, slots.Length); slot++)
            {
                Assert.True(slots[slot] == before[slot] || !after.Contains(before[slot]), $"slot {slot} moved without need");
            }
        });
    }

    private static EndpointAddress Endpoint(int number) => new(IPAddress.Parse("10.0.0.1"), (ushort)number, false);
}
