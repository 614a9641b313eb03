using System.Globalization;
using System.Net;

namespace Portico.Node.Dns;

/// <summary>Addresses as names (RFC 1035, section 3.5; RFC 3596, section 2.5).</summary>
internal static class ReverseName
{
    private const string V4 = ".in-addr.arpa";
    private const string V6 = ".ip6.arpa";

    public static bool TryRead(string name, out IPAddress address)
    {
        address = IPAddress.None;
        if (name.EndsWith(V4, StringComparison.OrdinalIgnoreCase))
        {
            var parts = name[..^V4.Length].Split('.');
            Array.Reverse(parts);
            return parts.Length == 4 && parts.All(part => part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit)) && IPAddress.TryParse(string.Join('.', parts), out address!);
        }

        if (!name.EndsWith(V6, StringComparison.OrdinalIgnoreCase) || name.Length != V6.Length + 63)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < 16; i++)
        {
            // The last digit stands first.
            Span<char> pair = [name[62 - (i * 4)], name[60 - (i * 4)]];
            if (!byte.TryParse(pair, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]) || name[61 - (i * 4)] != '.')
            {
                return false;
            }
        }

        address = new(bytes);
        return true;
    }
}
