using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>
/// What an update of a Service keeps and drops (registry/core/service): values that the server gave stay when a client leaves
/// them out, and go when the new type has no use for them and the client did not touch them.
/// </summary>
internal static class ServiceTransition
{
    public static void Apply(JsonObject candidate, JsonObject old)
    {
        if (candidate["spec"] is not JsonObject spec || old["spec"] is not JsonObject before)
        {
            return;
        }

        var now = new Field(spec, "");
        var then = new Field(before, "");
        Follow(spec, now, then);
        Keep(spec, now, before, then);
        Drop(spec, now, then);
    }

    // A client that knows only the older clusterIP changes it alone; clusterIPs follows.
    private static void Follow(JsonObject spec, Field now, Field then)
    {
        if (!now["clusterIP"].Same(then["clusterIP"]) && now["clusterIPs"].Same(then["clusterIPs"]))
        {
            if (now["clusterIP"].IsEmpty)
            {
                spec.Remove("clusterIPs");
            }
            else
            {
                spec["clusterIPs"] = new JsonArray(now["clusterIP"].Node!.DeepClone());
            }
        }
    }

    private static void Keep(JsonObject spec, Field now, JsonObject before, Field then)
    {
        if (ServiceRules.NeedsClusterIP(now) && ServiceRules.NeedsClusterIP(then))
        {
            if (now["clusterIP"].IsEmpty)
            {
                Copy("clusterIP", before, spec);
            }

            if (now["clusterIPs"].IsEmpty && now["clusterIP"].Same(then["clusterIP"]))
            {
                Copy("clusterIPs", before, spec);
            }

            foreach (var name in (ReadOnlySpan<string>)["ipFamilies", "ipFamilyPolicy"])
            {
                if (now[name].IsEmpty)
                {
                    Copy(name, before, spec);
                }
            }
        }

        if (ServiceRules.NeedsNodePort(now) && ServiceRules.NeedsNodePort(then))
        {
            KeepNodePorts(now, then);
        }

        if (ServiceRules.NeedsHealthCheckPort(now) && ServiceRules.NeedsHealthCheckPort(then) && now["healthCheckNodePort"].Number is null or 0)
        {
            Copy("healthCheckNodePort", before, spec);
        }
    }

    private static void KeepNodePorts(Field now, Field then)
    {
        var used = now["ports"].Items.Select(static port => port["nodePort"].Number ?? 0).ToHashSet();
        var known = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var port in then["ports"].Items)
        {
            known[port["name"].Text ?? ""] = port["nodePort"].Number ?? 0;
        }

        foreach (var port in now["ports"].Items)
        {
            if (port["nodePort"].Number is null or 0
                && known.TryGetValue(port["name"].Text ?? "", out var number)
                && number != 0
                && port.Object is { } target
                && used.Add(number))
            {
                target["nodePort"] = number;
            }
        }
    }

    private static void Drop(JsonObject spec, Field now, Field then)
    {
        if (ServiceRules.NeedsClusterIP(then) && !ServiceRules.NeedsClusterIP(now))
        {
            DropSame(spec, now, then, "clusterIP");
            DropSame(spec, now, then, "clusterIPs");
            DropSame(spec, now, then, "ipFamilies");
            DropSame(spec, now, then, "ipFamilyPolicy");
            DropSame(spec, now, then, "internalTrafficPolicy");
        }

        if (ServiceRules.NeedsNodePort(then) && !ServiceRules.NeedsNodePort(now) && SameNodePorts(now, then))
        {
            foreach (var port in spec.Objects("ports"))
            {
                port.Remove("nodePort");
            }
        }

        if (then["type"].Text == "LoadBalancer" && now["type"].Text != "LoadBalancer")
        {
            DropSame(spec, now, then, "allocateLoadBalancerNodePorts");
            DropSame(spec, now, then, "loadBalancerClass");
        }

        if (ServiceRules.NeedsHealthCheckPort(then) && !ServiceRules.NeedsHealthCheckPort(now))
        {
            DropSame(spec, now, then, "healthCheckNodePort");
        }

        if (ServiceRules.TakesExternalTraffic(then) && !ServiceRules.TakesExternalTraffic(now))
        {
            DropSame(spec, now, then, "externalTrafficPolicy");
        }
    }

    private static bool SameNodePorts(Field now, Field then) =>
        now["ports"].Items.Select(static port => port["nodePort"].Number ?? 0).ToHashSet()
            .SetEquals(then["ports"].Items.Select(static port => port["nodePort"].Number ?? 0));

    private static void DropSame(JsonObject spec, Field now, Field then, string name)
    {
        if (now[name].Same(then[name]))
        {
            spec.Remove(name);
        }
    }

    private static void Copy(string name, JsonObject from, JsonObject to)
    {
        if (from[name] is { } value)
        {
            to[name] = value.DeepClone();
        }
    }
}
