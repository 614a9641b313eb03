using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Portico.Api.Json;

namespace Portico.Proxy.Configuration;

/// <summary>Where health and metrics are served, as upstream completes it: an address alone gets the port of the deprecated flag, or of the default.</summary>
internal static class ListenAddresses
{
    /// <param name="ports">Deprecated flags that were given; 0: nothing is served, whatever the address.</param>
    public static void Complete(Dictionary<string, JsonNode> values, IReadOnlyDictionary<string, string> ports, ICollection<string> errors)
    {
        var ipv6 = JsonScalars.TryText(values["bindAddress"], out var bind) && IPAddress.TryParse(bind, out var own) && own.AddressFamily == AddressFamily.InterNetworkV6;
        foreach (var field in ConfigurationFields.All.Where(static field => field.PortFlag is not null))
        {
            var text = JsonScalars.TryText(values.GetValueOrDefault(field.Path), out var given) ? given : ipv6 ? field.DefaultOverIPv6 : field.Default;
            var port = IPEndPoint.Parse(field.Default).Port;
            if (ports.TryGetValue(field.PortFlag!, out var flag)
                && (!int.TryParse(flag, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > IPEndPoint.MaxPort))
            {
                errors.Add($"--{field.PortFlag}: \"{flag}\" is no port");
            }

            values[field.Path] = port == 0 ? "" : IsAddressAlone(text, out var address) ? new IPEndPoint(address, port).ToString() : text;
        }
    }

    // A bare number would be an address to .NET.
    private static bool IsAddressAlone(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.AsSpan().IndexOfAny('.', ':') < 0 || !IPEndPoint.TryParse(text, out var parsed) || parsed.Port != 0)
        {
            return false;
        }

        address = parsed.Address;
        return true;
    }
}
