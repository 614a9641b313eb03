using System.Globalization;
using System.Text;

namespace Portico.Proxy.Health;

/// <summary>
/// The text of /metrics (Prometheus format 0.0.4). Several writers may add to one metric: its samples stand together, as the format asks.
/// </summary>
internal sealed class MetricsText
{
    private readonly Dictionary<string, StringBuilder> _metrics = new(StringComparer.Ordinal);

    /// <param name="labels">As <c>ip_family="IPv4"</c>; empty: none.</param>
    public void Counter(string name, string help, string labels, double value) => Add("counter", name, help, labels, value);

    /// <inheritdoc cref="Counter"/>
    public void Gauge(string name, string help, string labels, double value) => Add("gauge", name, help, labels, value);

    /// <summary>A label with its value, escaped.</summary>
    public static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>The samples of one metric, each with its head written before the first.</summary>
    public StringBuilder Samples(string type, string name, string help)
    {
        if (!_metrics.TryGetValue(name, out var samples))
        {
            _metrics[name] = samples = new StringBuilder().Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        }

        return samples;
    }

    public override string ToString() => string.Concat(_metrics.Values);

    private void Add(string type, string name, string help, string labels, double value)
    {
        var braces = labels.Length > 0 ? $"{{{labels}}}" : "";
        Samples(type, name, help).Append(CultureInfo.InvariantCulture, $"{name}{braces} {value}\n");
    }
}
