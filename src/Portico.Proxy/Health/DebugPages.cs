using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Portico.Proxy.Health;

/// <summary>/statusz and /flagz: upstream's pages for people (component-base zpages), as text. Their form is no interface.</summary>
internal static class DebugPages
{
    private const string Note = "For people who look; programs read /metrics and /configz, this page may change with any version.";

    public static string Status(IEnumerable<string> paths, DateTimeOffset now)
    {
        var started = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUniversalTime();
        var up = now - started;
        return new StringBuilder($"\nportico node statusz\n{Note}\n\n")
            .Append(CultureInfo.InvariantCulture, $"Started: {started:yyyy-MM-dd HH:mm:ss} UTC\n")
            .Append(CultureInfo.InvariantCulture, $"Up: {(int)up.TotalHours} hr {up.Minutes:00} min {up.Seconds:00} sec\n")
            .Append(CultureInfo.InvariantCulture, $"Runtime version: .NET {Environment.Version}\n")
            .Append(CultureInfo.InvariantCulture, $"Binary version: {typeof(DebugPages).Assembly.GetName().Version?.ToString(3)}\n")
            .Append(CultureInfo.InvariantCulture, $"Paths: {string.Join(' ', paths)}\n")
            .ToString();
    }

    public static string Flags(IReadOnlyDictionary<string, string> flags) =>
        $"\nportico node flagz\n{Note}\n\n" + string.Concat(flags.OrderBy(static flag => flag.Key, StringComparer.Ordinal).Select(static flag => $"{flag.Key}={flag.Value}\n"));
}
