namespace Portico.Api.Validation;

/// <summary>Addresses and IP families of a Service.</summary>
internal static class ServiceAddressRules
{
    public static void Validate(Field spec, Field old, Problems problems)
    {
        foreach (var address in spec["externalIPs"].Items)
        {
            Addresses.NotSpecial(address, problems);
        }

        Checks.OneOf(spec["ipFamilyPolicy"], problems, "PreferDualStack", "RequireDualStack", "SingleStack");
        var families = new HashSet<string>(StringComparer.Ordinal);
        foreach (var family in spec["ipFamilies"].Items)
        {
            Checks.OneOf(family, problems, "IPv4", "IPv6");
            if (!families.Add(family.Text ?? ""))
            {
                problems.Duplicate(family);
            }
        }

        ClusterIPs(spec, problems);
        if (ServiceRules.NeedsClusterIP(spec) && ServiceRules.NeedsClusterIP(old))
        {
            Unchanged(spec, old, problems);
        }
    }

    private static void ClusterIPs(Field spec, Problems problems)
    {
        var all = spec["clusterIPs"];
        var first = spec["clusterIP"];
        if (all.List is { Count: > 2 })
        {
            problems.TooMany(all.Path, all.List.Count, 2);
        }

        if (all.IsEmpty)
        {
            Address(first, spec, 0, problems);
            return;
        }

        if (first.Text != all.Items.FirstOrDefault().Text)
        {
            problems.Invalid(all, "first value must match `clusterIP`");
        }

        var index = 0;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var address in all.Items)
        {
            if (address.Text == "None" && all.List!.Count > 1)
            {
                problems.Invalid(all, "'None' must be the first and only value");
            }

            if (!seen.Add(address.Text ?? ""))
            {
                problems.Duplicate(address);
            }

            Address(address, spec, index++, problems);
        }
    }

    private static void Address(Field address, Field spec, int index, Problems problems)
    {
        if (address.Text is not { Length: > 0 } text || text == "None")
        {
            return;
        }

        if (!Addresses.TryParse(text, out var parsed))
        {
            problems.Invalid(address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        else if (spec["ipFamilies"].Items.ElementAtOrDefault(index).Text is { } family && family != Addresses.Family(parsed))
        {
            problems.Invalid(address, $"expected an {family} value as indicated by `ipFamilies[{index}]`");
        }
    }

    private static void Unchanged(Field spec, Field old, Problems problems)
    {
        if (!old["clusterIP"].IsEmpty && spec["clusterIP"].Text != old["clusterIP"].Text)
        {
            problems.Invalid("spec.clusterIPs[0]", spec["clusterIP"].Node, "may not change once set");
        }

        var before = old["ipFamilies"].Items.FirstOrDefault().Text;
        var now = spec["ipFamilies"].Items.FirstOrDefault();
        if (before is not null && now.Text is { } family && family != before)
        {
            problems.Invalid(now, "may not change once set");
        }
    }
}
