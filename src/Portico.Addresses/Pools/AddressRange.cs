using System.Globalization;
using Portico.Net.Packets;

namespace Portico.Addresses.Pools;

/// <summary>Both ends belong to it.</summary>
public readonly record struct AddressRange(IPv4 First, IPv4 Last)
{
    public long Size => (long)Last.Value - First.Value + 1;

    public bool Contains(IPv4 address) => address.Value >= First.Value && address.Value <= Last.Value;

    /// <param name="text">"10.0.0.1-10.0.0.9", "10.0.0.0/28" (all 16, as MetalLB counts them), or one address.</param>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        if (text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash)
        {
            return TryParseNetwork(text[..slash], text[(slash + 1)..], out range);
        }

        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var (from, to) = dash < 0 ? (text, text) : (text[..dash].Trim(), text[(dash + 1)..].Trim());
        if (!IPv4.TryParse(from, out var first) || !IPv4.TryParse(to, out var last) || first.Value > last.Value)
        {
            return false;
        }

        range = new(first, last);
        return true;
    }

    public override string ToString() => First == Last ? First.ToString() : $"{First}-{Last}";

    private static bool TryParseNetwork(string address, string prefix, out AddressRange range)
    {
        range = default;
        if (!IPv4.TryParse(address, out var network)
            || !int.TryParse(prefix, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > 32)
        {
            return false;
        }

        // By 64 bits: a 32-bit number shifted by 32 is shifted by 0.
        var host = (uint)((ulong)uint.MaxValue >> length);
        if ((network.Value & host) != 0)
        {
            return false;
        }

        range = new(network, new(network.Value | host));
        return true;
    }
}
