using System.Globalization;

namespace Portico.Proxy.Nodes;

/// <summary>What the kernel lets this process do.</summary>
internal static class Capabilities
{
    private const int NetAdmin = 12; // CAP_NET_ADMIN, linux/capability.h

    public static bool HasNetAdmin { get; } = Read();

    private static bool Read()
    {
        const string field = "CapEff:";
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(field, StringComparison.Ordinal));
        return line is not null
            && ulong.TryParse(line.AsSpan(field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var held)
            && (held & (1UL << NetAdmin)) != 0;
    }
}
