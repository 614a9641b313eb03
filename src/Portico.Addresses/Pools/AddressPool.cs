using System.Collections.Immutable;
using Portico.Net.Packets;

namespace Portico.Addresses.Pools;

/// <summary>The addresses that LoadBalancer Services may get, given out from the first range's start on.</summary>
public sealed record AddressPool
{
    private AddressPool(ImmutableArray<AddressRange> ranges) => Ranges = ranges;

    /// <summary>In the order that they were given; no address is in two of them.</summary>
    public ImmutableArray<AddressRange> Ranges { get; }

    public long Size => Ranges.Sum(static range => range.Size);

    /// <param name="text">Ranges, networks and single addresses, separated by commas: "192.168.77.200-192.168.77.250, 10.1.0.0/28".</param>
    /// <param name="error">Says which part is wrong and what it should be, when the result is false.</param>
    public static bool TryParse(string text, out AddressPool pool, out string? error)
    {
        var ranges = ImmutableArray.CreateBuilder<AddressRange>();
        pool = new([]);
        error = null;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!AddressRange.TryParse(part, out var range))
            {
                error = $"address pool: \"{part}\" is neither a range of IPv4 addresses (192.168.77.200-192.168.77.250) nor a network without host bits (10.1.0.0/28)";
                return false;
            }

            foreach (var other in ranges)
            {
                if (other.First.Value <= range.Last.Value && range.First.Value <= other.Last.Value)
                {
                    error = $"address pool: {range} and {other} overlap";
                    return false;
                }
            }

            ranges.Add(range);
        }

        if (ranges.Count == 0)
        {
            error = "address pool: is empty";
            return false;
        }

        pool = new(ranges.ToImmutable());
        return true;
    }

    /// <exception cref="FormatException">The text is wrong; the message says where.</exception>
    public static AddressPool Parse(string text) => TryParse(text, out var pool, out var error) ? pool : throw new FormatException(error);

    public bool Contains(IPv4 address)
    {
        foreach (var range in Ranges)
        {
            if (range.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What is free, lowest first within a range; read as it goes, so the size of the pool costs nothing.</summary>
    public IEnumerable<IPv4> Free(IReadOnlySet<IPv4> taken)
    {
        foreach (var range in Ranges)
        {
            for (long value = range.First.Value; value <= range.Last.Value; value++)
            {
                var address = new IPv4((uint)value);
                if (!taken.Contains(address))
                {
                    yield return address;
                }
            }
        }
    }

    public bool Equals(AddressPool? other) => other is not null && Ranges.SequenceEqual(other.Ranges);

    public override int GetHashCode() => Ranges.Aggregate(0, HashCode.Combine);

    public override string ToString() => string.Join(", ", Ranges);
}
