namespace Portico.Proxy.Health;

/// <summary>The process_* metrics that every Prometheus client has.</summary>
internal sealed class ProcessMetrics
{
    private readonly double _started = new DateTimeOffset(System.Diagnostics.Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds() / 1000.0;

    public void Write(MetricsText text)
    {
        text.Counter("process_cpu_seconds_total", "User and system CPU time.", "", Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Gauge("process_resident_memory_bytes", "Resident memory.", "", Environment.WorkingSet);
        text.Gauge("process_start_time_seconds", "When the process started.", "", _started);
    }
}
