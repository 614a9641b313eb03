using System.Runtime.InteropServices;
using Portico.Proxy.Health;
using Portico.Proxy.Services;

namespace Portico.Proxy.Traffic;

/// <summary>Sums counts and writes them as metrics; what has had no traffic is left out.</summary>
/// <param name="family">As <c>ip_family="IPv4"</c>.</param>
internal sealed class TrafficTotals(string family)
{
    private readonly Dictionary<ServicePortId, TrafficCount> _ports = [];
    private readonly Dictionary<(ServicePortId Port, string Endpoint), TrafficCount> _endpoints = [];

    public void Add(ServicePortId port, TrafficCount count) => CollectionsMarshal.GetValueRefOrAddDefault(_ports, port, out _) += count;

    /// <param name="endpoint">Address and port.</param>
    public void Add(ServicePortId port, string endpoint, TrafficCount count) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_endpoints, (port, endpoint), out _) += count;

    public void Write(MetricsText text)
    {
        foreach (var (port, count) in _ports)
        {
            Write(text, "service", "of the Service port", LabelsOf(port), count);
        }

        foreach (var ((port, endpoint), count) in _endpoints)
        {
            Write(text, "endpoint", "of the Service port that went to the endpoint", $"{LabelsOf(port)},{MetricsText.Label("endpoint", endpoint)}", count);
        }
    }

    private static void Write(MetricsText text, string what, string whose, string labels, TrafficCount count)
    {
        WriteOne("connections", $"Connections (of UDP: flows) {whose}.", count.Connections);
        WriteOne("received_bytes", $"Bytes from clients, in connections {whose}.", count.Received);
        WriteOne("sent_bytes", $"Bytes to clients, in connections {whose}.", count.Sent);

        void WriteOne(string unit, string help, long value)
        {
            if (value > 0)
            {
                text.Counter($"portico_{what}_{unit}_total", help, labels, value);
            }
        }
    }

    private string LabelsOf(ServicePortId port) => string.Join(
        ',', family, MetricsText.Label("namespace", port.Service.Namespace), MetricsText.Label("service", port.Service.Name),
        MetricsText.Label("port", port.PortName), MetricsText.Label("protocol", port.Protocol.ToString().ToUpperInvariant()));
}
