using System.Globalization;

namespace Portico.Proxy.Health;

/// <summary>A Prometheus histogram with fixed upper bounds in seconds.</summary>
internal sealed class Histogram(string name, string help, double[] bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[bounds.Length];
    private long _count;
    private double _sum;

    /// <summary>Upstream's buckets for sync and programming times: 1 ms doubling, 15 times.</summary>
    public static double[] Doubling { get; } = [.. Enumerable.Range(0, 15).Select(power => 0.001 * (1 << power))];

    public void Observe(TimeSpan duration)
    {
        var seconds = duration.TotalSeconds;
        lock (_lock)
        {
            for (var i = 0; i < bounds.Length; i++)
            {
                if (seconds <= bounds[i])
                {
                    _counts[i]++;
                }
            }

            _count++;
            _sum += seconds;
        }
    }

    /// <param name="label">Like <c>ip_family="IPv4"</c>.</param>
    public void Write(MetricsText text, string label)
    {
        var samples = text.Samples("histogram", name, help);
        lock (_lock)
        {
            for (var i = 0; i < bounds.Length; i++)
            {
                samples.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{label},le=\"{bounds[i]}\"}} {_counts[i]}\n");
            }

            samples.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{label},le=\"+Inf\"}} {_count}\n{name}_sum{{{label}}} {_sum}\n{name}_count{{{label}}} {_count}\n");
        }
    }
}
