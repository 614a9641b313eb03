namespace Portico.Proxy.Health;

/// <summary>How often the health probes were answered, and how. Safe for several threads.</summary>
internal sealed class ProbeCounts
{
    private readonly SortedDictionary<(string Probe, int Code), long> _counts = [];

    /// <param name="probe">healthz or livez.</param>
    public void Add(string probe, int code)
    {
        lock (_counts)
        {
            _counts[(probe, code)] = _counts.GetValueOrDefault((probe, code)) + 1;
        }
    }

    public void Write(MetricsText text)
    {
        lock (_counts)
        {
            foreach (var ((probe, code), count) in _counts)
            {
                text.Counter($"kubeproxy_proxy_{probe}_total", $"Answers to /{probe}.", $"code=\"{code}\"", count);
            }
        }
    }
}
