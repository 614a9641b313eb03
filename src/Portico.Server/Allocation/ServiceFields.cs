using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Allocation;

/// <summary>What of a Service decides which addresses and ports it owns.</summary>
internal static class ServiceFields
{
    public static string Type(JsonObject? service) => service.Text("spec", "type") ?? "ClusterIP";

    /// <summary>The address that is set, "None", or null.</summary>
    public static string? ClusterIp(JsonObject? service) =>
        service.Text("spec", "clusterIP") ?? service.Texts("spec", "clusterIPs").FirstOrDefault();

    public static bool NeedsNodePorts(JsonObject? service) => Type(service) == "NodePort" || Type(service) == "LoadBalancer";

    public static bool AllocatesNodePorts(JsonObject service) =>
        Type(service) == "NodePort" || (Type(service) == "LoadBalancer" && service.Flag("spec", "allocateLoadBalancerNodePorts") != false);

    public static bool NeedsHealthCheckNodePort(JsonObject? service) =>
        Type(service) == "LoadBalancer" && service.Text("spec", "externalTrafficPolicy") == "Local";

    public static IEnumerable<JsonObject> Ports(JsonObject? service) => service.Items("spec", "ports");

    public static int NodePort(JsonObject port) => Small(port.Number("nodePort"));

    public static int HealthCheckNodePort(JsonObject? service) => Small(service.Number("spec", "healthCheckNodePort"));

    /// <summary>Every node port that the Service has.</summary>
    public static HashSet<int> NodePorts(JsonObject? service)
    {
        var ports = Ports(service).Select(NodePort).Append(HealthCheckNodePort(service)).ToHashSet();
        ports.Remove(0);
        return ports;
    }

    private static int Small(long? number) => number is > 0 and <= 65535 ? (int)number : 0;
}
