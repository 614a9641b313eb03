using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portico.Api.Validation;

/// <summary>Addresses and networks as the API accepts them: nothing that readers could take for different things.</summary>
internal static class Addresses
{
    public static bool TryParse(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.Contains(':', StringComparison.Ordinal))
        {
            // No zone, no brackets.
            return !text.AsSpan().ContainsAny('%', '[', ']') && IPAddress.TryParse(text, out address!);
        }

        var parts = text.Split('.');
        if (parts.Length != 4)
        {
            return false;
        }

        foreach (var part in parts)
        {
            // A leading zero is octal for some readers.
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _) || (part.Length > 1 && part[0] == '0'))
            {
                return false;
            }
        }

        return IPAddress.TryParse(text, out address!);
    }

    public static bool IsNetwork(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && TryParse(text[..slash], out var address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    public static string Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6";

    /// <summary>An address that a packet can be sent to from another machine.</summary>
    public static void NotSpecial(Field field, Problems problems)
    {
        if (field.Text is not { } text)
        {
            return;
        }

        if (!TryParse(text, out var address))
        {
            problems.Invalid(field, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        else if (Special(address) is { } wrong)
        {
            problems.Invalid(field, wrong);
        }
    }

    private static string? Special(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? "may not be unspecified (0.0.0.0 or ::)"
            : IPAddress.IsLoopback(address) ? "may not be in the loopback range (127.0.0.0/8, ::1/128)"
            : address.IsIPv6LinkLocal || (bytes.Length == 4 && bytes[0] == 169 && bytes[1] == 254) ? "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
            : (bytes.Length == 4 && bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0) || (bytes.Length == 16 && bytes[0] == 0xff && (bytes[1] & 15) == 2)
                ? "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
            : null;
    }
}
