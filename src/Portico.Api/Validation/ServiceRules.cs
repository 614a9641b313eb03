using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>core/v1 Service (pkg/apis/core v1 defaults and validation). Ranges and allocation of addresses and node ports are the server's.</summary>
internal sealed class ServiceRules : IObjectRules
{
    private const string None = "None";

    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static readonly string[] Policies = ["Cluster", "Local"];

    public static bool NeedsClusterIP(Field spec) => spec["type"].Text is "ClusterIP" or "NodePort" or "LoadBalancer";

    public static bool NeedsNodePort(Field spec) =>
        spec["type"].Text == "NodePort" || (spec["type"].Text == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"].Flag != false);

    public static bool NeedsHealthCheckPort(Field spec) => spec["type"].Text == "LoadBalancer" && spec["externalTrafficPolicy"].Text == "Local";

    public static bool TakesExternalTraffic(Field spec) =>
        spec["type"].Text is "NodePort" or "LoadBalancer" || (spec["type"].Text == "ClusterIP" && !spec["externalIPs"].IsEmpty);

    public void Default(JsonObject item)
    {
        if (item.Child("spec") is not { } spec)
        {
            return;
        }

        spec.Set("sessionAffinity", None);
        spec.Set("type", "ClusterIP");
        var view = new Field(spec, "");
        if (view["sessionAffinity"].Text == "ClientIP")
        {
            spec.Child("sessionAffinityConfig")?.Child("clientIP")?.Set("timeoutSeconds", 10800);
        }
        else if (view["sessionAffinity"].Text == None)
        {
            spec.Remove("sessionAffinityConfig");
        }

        foreach (var port in spec.Objects("ports"))
        {
            port.Set("protocol", "TCP");
            var target = new Field(port["targetPort"], "");
            if ((target.IsEmpty || target.Number == 0) && port["port"] is { } number)
            {
                port["targetPort"] = number.DeepClone();
            }
        }

        if (TakesExternalTraffic(view))
        {
            spec.Set("externalTrafficPolicy", "Cluster");
        }

        if (NeedsClusterIP(view))
        {
            spec.Set("internalTrafficPolicy", "Cluster");
        }

        if (view["type"].Text == "LoadBalancer")
        {
            spec.Set("allocateLoadBalancerNodePorts", true);
            foreach (var point in new Field(item, "")["status"]["loadBalancer"].Object?.Objects("ingress") ?? [])
            {
                if (point["ip"] is not null)
                {
                    point.Set("ipMode", "VIP");
                }
            }
        }
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var spec = item["spec"];
        Checks.OneOf(spec["type"], problems, Types);
        ByType(spec, problems);
        ServicePortRules.Validate(spec, problems);
        ServiceAddressRules.Validate(spec, old["spec"], problems);
        MetadataRules.Labels(spec["selector"], problems);
        Affinity(spec, problems);
        Traffic(spec, problems);
        Balancer(spec, old["spec"], problems);
        LoadBalancerRules.Validate(item["status"]["loadBalancer"], problems);
    }

    private static void ByType(Field spec, Problems problems)
    {
        var headless = spec["clusterIP"].Text == None;
        var type = spec["type"].Text;
        if (type is "LoadBalancer" or "NodePort" && headless)
        {
            problems.Invalid(spec["clusterIP"], $"may not be set to 'None' for {type} services");
        }

        if (type == "ExternalName")
        {
            if (!spec["clusterIP"].IsEmpty)
            {
                problems.Forbidden(spec["clusterIP"].Path, "may not be set for ExternalName services");
            }

            if (!spec["clusterIPs"].IsEmpty)
            {
                problems.Forbidden(spec["clusterIPs"].Path, "may not be set for ExternalName services");
            }

            if (Checks.Need(spec["externalName"], problems))
            {
                var name = spec["externalName"].Text ?? "";
                if (Names.Subdomain(name.EndsWith('.') ? name[..^1] : name) is { } wrong)
                {
                    problems.Invalid(spec["externalName"], wrong);
                }
            }
        }
        else if (!headless && spec["ports"].IsEmpty)
        {
            problems.Required(spec["ports"].Path);
        }
    }

    private static void Affinity(Field spec, Problems problems)
    {
        Checks.OneOf(spec["sessionAffinity"], problems, "ClientIP", None);
        var timeout = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"];
        if (timeout.Number is <= 0 or > 86400)
        {
            problems.Invalid(timeout, "must be greater than 0 and less than 86400");
        }
    }

    private static void Traffic(Field spec, Problems problems)
    {
        var external = spec["externalTrafficPolicy"];
        if (!external.IsEmpty && !TakesExternalTraffic(spec))
        {
            problems.Invalid(external, "may only be set for externally-accessible services");
        }

        Checks.OneOf(external, problems, Policies);
        Checks.OneOf(spec["internalTrafficPolicy"], problems, Policies);
        Checks.OneOf(spec["trafficDistribution"], problems, "PreferClose", "PreferSameNode", "PreferSameZone");
        var health = spec["healthCheckNodePort"];
        if (health.Number is not (null or 0))
        {
            Checks.Port(health, problems);
            if (!NeedsHealthCheckPort(spec))
            {
                problems.Invalid(health, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
            }
        }
    }

    private static void Balancer(Field spec, Field old, Problems problems)
    {
        var isBalancer = spec["type"].Text == "LoadBalancer";
        foreach (var name in (ReadOnlySpan<string>)["loadBalancerSourceRanges", "allocateLoadBalancerNodePorts", "loadBalancerClass"])
        {
            if (!isBalancer && !spec[name].IsEmpty)
            {
                problems.Forbidden(spec[name].Path, "may only be used when `type` is 'LoadBalancer'");
            }
        }

        foreach (var range in spec["loadBalancerSourceRanges"].Items)
        {
            if (range.Text is { } text && !Addresses.IsNetwork(text.Trim()))
            {
                problems.Invalid(range, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
        }

        Checks.Name(spec["loadBalancerClass"], problems, Names.Qualified);
        if (isBalancer && old["type"].Text == "LoadBalancer" && !spec["loadBalancerClass"].Same(old["loadBalancerClass"]))
        {
            problems.Invalid(spec["loadBalancerClass"], "may not change once set");
        }
    }
}
