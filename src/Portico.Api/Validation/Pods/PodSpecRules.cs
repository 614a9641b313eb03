namespace Portico.Api.Validation.Pods;

/// <summary>A pod's spec, in a pod or a template (pkg/apis/core/validation ValidatePodSpec).</summary>
internal static class PodSpecRules
{
    public static void Validate(Field spec, Problems problems)
    {
        VolumeRules.Validate(spec["volumes"], problems);
        Containers(spec, problems);
        Checks.OneOf(spec["restartPolicy"], problems, "Always", "OnFailure", "Never");
        Checks.OneOf(spec["dnsPolicy"], problems, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        Checks.NonNegative(spec["terminationGracePeriodSeconds"], problems);
        Checks.Range(spec["activeDeadlineSeconds"], problems, 1, int.MaxValue);
        MetadataRules.Labels(spec["nodeSelector"], problems);
        foreach (var name in (ReadOnlySpan<string>)["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"])
        {
            if (!spec[name].IsEmpty)
            {
                Checks.Name(spec[name], problems, Names.Subdomain);
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["hostname", "subdomain"])
        {
            if (!spec[name].IsEmpty)
            {
                Checks.Name(spec[name], problems, Names.Label);
            }
        }

        Checks.OneOf(spec["preemptionPolicy"], problems, "PreemptLowerPriority", "Never");
        Dns(spec, problems);
        Host(spec, problems);
        PlacementRules.Validate(spec, problems);
        SecurityRules.Pod(spec["securityContext"], problems);
        Checks.Amounts(spec["overhead"], problems);
    }

    private static void Containers(Field spec, Problems problems)
    {
        var volumes = spec["volumes"].Items.Select(static volume => volume["name"].Text ?? "").ToHashSet(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (spec["containers"].IsEmpty)
        {
            problems.Required(spec["containers"].Path);
        }

        foreach (var container in spec["initContainers"].Items)
        {
            ContainerRules.Validate(container, ContainerRole.Init, volumes, names, problems);
        }

        foreach (var container in spec["containers"].Items)
        {
            ContainerRules.Validate(container, ContainerRole.Main, volumes, names, problems);
        }

        foreach (var container in spec["ephemeralContainers"].Items)
        {
            ContainerRules.Validate(container, ContainerRole.Ephemeral, volumes, names, problems);
        }

        HostPorts(spec, problems);
    }

    private static void HostPorts(Field spec, Problems problems)
    {
        var taken = new HashSet<(string, string, long)>();
        foreach (var container in spec["containers"].Items)
        {
            foreach (var port in container["ports"].Items)
            {
                if (port["hostPort"].Number is not { } number || number == 0)
                {
                    continue;
                }

                if (!taken.Add((port["protocol"].Text ?? "", port["hostIP"].Text ?? "", number)))
                {
                    problems.Duplicate(port["hostPort"]);
                }

                if (spec["hostNetwork"].Flag == true && port["containerPort"].Number != number)
                {
                    problems.Invalid(port["containerPort"], "must match `hostPort` when `hostNetwork` is true");
                }
            }
        }
    }

    private static void Dns(Field spec, Problems problems)
    {
        var config = spec["dnsConfig"];
        if (spec["dnsPolicy"].Text == "None" && config["nameservers"].IsEmpty)
        {
            problems.Required(config["nameservers"].Path, "must provide at least one DNS nameserver when `dnsPolicy` is None");
        }

        if (config["nameservers"].List is { Count: > 3 } servers)
        {
            problems.TooMany(config["nameservers"].Path, servers.Count, 3);
        }

        foreach (var server in config["nameservers"].Items)
        {
            if (server.Text is { } text && !Addresses.TryParse(text, out _))
            {
                problems.Invalid(server, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }
        }

        if (config["searches"].List is { Count: > 32 } searches)
        {
            problems.TooMany(config["searches"].Path, searches.Count, 32);
        }

        foreach (var option in config["options"].Items)
        {
            Checks.Need(option["name"], problems);
        }
    }

    private static void Host(Field spec, Problems problems)
    {
        foreach (var alias in spec["hostAliases"].Items)
        {
            if (alias["ip"].Text is { } text && !Addresses.TryParse(text, out _))
            {
                problems.Invalid(alias["ip"], "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }

            foreach (var name in alias["hostnames"].Items)
            {
                Checks.Name(name, problems, Names.Subdomain);
            }
        }

        if (spec["shareProcessNamespace"].Flag == true && spec["hostPID"].Flag == true)
        {
            problems.Invalid(spec["shareProcessNamespace"], "ShareProcessNamespace and HostPID cannot both be enabled");
        }
    }
}
