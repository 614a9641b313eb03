using System.Globalization;
using Portico.Net.Interop;

namespace Portico.Net.Processes;

public static class Privileges
{
    private const int NetAdmin = 12; // CAP_NET_ADMIN, linux/capability.h

    /// <summary>Effective user id 0.</summary>
    public static bool IsRoot => LibC.geteuid() == 0;

    /// <summary>Capability CAP_NET_ADMIN: rules, routes and addresses of the kernel may be changed.</summary>
    public static bool CanChangeNetwork
    {
        get
        {
            const string label = "CapEff:";
            var line = File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(label, StringComparison.Ordinal));
            return line is not null && ulong.TryParse(line.AsSpan(label.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var effective)
                && (effective >> NetAdmin & 1) != 0;
        }
    }
}
