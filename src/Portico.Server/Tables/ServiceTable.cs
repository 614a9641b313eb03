using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Tables;

internal static class ServiceTable
{
    public static readonly TablePrinter Printer = new(
        [new("Name"), new("Type"), new("Cluster-IP"), new("External-IP"), new("Port(s)"), new("Age"), new("Selector", Wide: true)],
        static (service, now) =>
        [
            Cell.Name(service),
            service.Text("spec", "type") ?? "ClusterIP",
            Cell.OrNone(service.Text("spec", "clusterIP")),
            External(service),
            Ports(service),
            Cell.Age(service, now),
            Cell.Labels(service.At("spec", "selector")),
        ]);

    private static string External(JsonObject service)
    {
        var addresses = string.Join(',', service.Texts("spec", "externalIPs"));
        switch (service.Text("spec", "type"))
        {
            case "ExternalName":
                return Cell.OrNone(service.Text("spec", "externalName"));
            case "LoadBalancer":
                var balancer = Cell.Ingress(service);
                var both = string.Join(',', ((string[])[balancer, addresses]).Where(static one => one.Length > 0));
                return both.Length > 0 ? both : "<pending>";
            default:
                return Cell.OrNone(addresses);
        }
    }

    private static string Ports(JsonObject service)
    {
        var ports = service.Items("spec", "ports").Select(static port =>
            $"{port.Number("port")}{(port.Number("nodePort") is { } node and > 0 ? $":{node}" : "")}/{port.Text("protocol") ?? "TCP"}");
        return Cell.OrNone(string.Join(',', ports));
    }
}
