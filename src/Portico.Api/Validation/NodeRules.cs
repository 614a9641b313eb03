using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>core/v1 Node.</summary>
internal sealed class NodeRules : IObjectRules
{
    public void Default(JsonObject item)
    {
        var status = item["status"] as JsonObject;
        if (status?["capacity"] is JsonObject capacity && status["allocatable"] is null)
        {
            status["allocatable"] = capacity.DeepClone();
        }
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var spec = item["spec"];
        Taints(spec["taints"], problems);
        Networks(spec, old["spec"], problems);
        var status = item["status"];
        Checks.Amounts(status["capacity"], problems);
        Checks.Amounts(status["allocatable"], problems);
        var addresses = new HashSet<(string?, string?)>();
        foreach (var address in status["addresses"].Items)
        {
            if (!addresses.Add((address["type"].Text, address["address"].Text)))
            {
                problems.Duplicate(address);
            }
        }

        if (!old["spec"]["providerID"].IsEmpty && !spec["providerID"].Same(old["spec"]["providerID"]))
        {
            problems.Forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
        }
    }

    private static void Networks(Field spec, Field old, Problems problems)
    {
        foreach (var network in spec["podCIDRs"].Items)
        {
            if (network.Text is { } text && !Addresses.IsNetwork(text))
            {
                problems.Invalid(network, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
        }

        if (spec["podCIDR"].Text is { Length: > 0 } first)
        {
            if (!Addresses.IsNetwork(first))
            {
                problems.Invalid(spec["podCIDR"], "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }

            if (!spec["podCIDRs"].IsEmpty && spec["podCIDRs"].Items.FirstOrDefault().Text != first)
            {
                problems.Invalid(spec["podCIDRs"], "first value must match `podCIDR`");
            }
        }

        if (!old["podCIDR"].IsEmpty && !spec["podCIDR"].Same(old["podCIDR"]))
        {
            problems.Forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
        }
    }

    private static void Taints(Field taints, Problems problems)
    {
        var seen = new HashSet<(string?, string?)>();
        foreach (var taint in taints.Items)
        {
            if (Checks.Need(taint["key"], problems))
            {
                Checks.Name(taint["key"], problems, Names.Qualified);
            }

            Checks.Name(taint["value"], problems, Names.LabelValue);
            if (Checks.Need(taint["effect"], problems))
            {
                Checks.OneOf(taint["effect"], problems, "NoSchedule", "PreferNoSchedule", "NoExecute");
            }

            if (!seen.Add((taint["key"].Text, taint["effect"].Text)))
            {
                problems.Duplicate(taint);
            }
        }
    }
}
