using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Allocation;

/// <summary>
/// What an update of a Service keeps although its writer left it out, and what goes because the new type has no use for it
/// (kubernetes pkg/registry/core/service: patchAllocatedValues, dropTypeDependentFields).
/// </summary>
internal static class ServiceCarryOver
{
    public static void Apply(JsonObject service, JsonObject old)
    {
        Keep(service, old);
        Drop(service, old);
    }

    private static void Keep(JsonObject service, JsonObject old)
    {
        var spec = service.Child("spec");
        if (ServiceFields.Type(service) != "ExternalName" && ServiceFields.Type(old) != "ExternalName" && ServiceFields.ClusterIp(service) is null)
        {
            Copy(spec, old, "clusterIP");
            Copy(spec, old, "clusterIPs");
        }

        if (ServiceFields.NeedsNodePorts(service) && ServiceFields.NeedsNodePorts(old))
        {
            KeepNodePorts(service, old);
        }

        if (ServiceFields.NeedsHealthCheckNodePort(service) && ServiceFields.NeedsHealthCheckNodePort(old) && ServiceFields.HealthCheckNodePort(service) == 0)
        {
            Copy(spec, old, "healthCheckNodePort");
        }
    }

    private static void KeepNodePorts(JsonObject service, JsonObject old)
    {
        var inUse = ServiceFields.Ports(service).Select(ServiceFields.NodePort).ToHashSet();
        var byName = new Dictionary<string, int>();
        foreach (var port in ServiceFields.Ports(old))
        {
            byName[port.Text("name") ?? ""] = ServiceFields.NodePort(port);
        }

        foreach (var port in ServiceFields.Ports(service))
        {
            if (ServiceFields.NodePort(port) == 0 && byName.TryGetValue(port.Text("name") ?? "", out var number) && number != 0 && inUse.Add(number))
            {
                port["nodePort"] = number;
            }
        }
    }

    private static void Drop(JsonObject service, JsonObject old)
    {
        var spec = service.Child("spec");
        if (ServiceFields.Type(service) == "ExternalName" && ServiceFields.Type(old) != "ExternalName"
            && ServiceFields.ClusterIp(service) == ServiceFields.ClusterIp(old))
        {
            Remove(spec, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy");
        }

        if (ServiceFields.NeedsNodePorts(old) && !ServiceFields.NeedsNodePorts(service)
            && ServiceFields.Ports(service).Select(ServiceFields.NodePort).All(ServiceFields.NodePorts(old).Append(0).Contains))
        {
            foreach (var port in ServiceFields.Ports(service))
            {
                port.Remove("nodePort");
            }
        }

        if (!ServiceFields.NeedsHealthCheckNodePort(service) && Same(spec, old, "healthCheckNodePort"))
        {
            Remove(spec, "healthCheckNodePort");
        }

        if (ServiceFields.Type(service) != "LoadBalancer" && ServiceFields.Type(old) == "LoadBalancer")
        {
            foreach (var name in (ReadOnlySpan<string>)["allocateLoadBalancerNodePorts", "loadBalancerClass"])
            {
                if (Same(spec, old, name))
                {
                    Remove(spec, name);
                }
            }
        }

        if (ServiceFields.NeedsExternalTrafficPolicy(old) && !ServiceFields.NeedsExternalTrafficPolicy(service) && Same(spec, old, "externalTrafficPolicy"))
        {
            Remove(spec, "externalTrafficPolicy");
        }
    }

    private static void Copy(JsonObject spec, JsonObject old, string name)
    {
        if (old.At("spec", name) is { } value)
        {
            spec[name] = value.DeepClone();
        }
    }

    private static bool Same(JsonObject spec, JsonObject old, string name) => JsonNode.DeepEquals(spec[name], old.At("spec", name));

    private static void Remove(JsonObject spec, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            spec.Remove(name);
        }
    }
}
