namespace Portico.Api.Validation.Pods;

/// <summary>One container of a pod.</summary>
internal static class ContainerRules
{
    public static void Validate(Field container, ContainerRole role, HashSet<string> volumes, HashSet<string> names, Problems problems)
    {
        var name = container["name"];
        if (Checks.Need(name, problems))
        {
            Checks.Name(name, problems, Names.Label);
            if (!names.Add(name.Text ?? ""))
            {
                problems.Duplicate(name);
            }
        }

        var image = container["image"];
        if (Checks.Need(image, problems) && image.Text is { } text && text.Trim() != text)
        {
            problems.Invalid(image, "must not have leading or trailing whitespace");
        }

        Checks.OneOf(container["imagePullPolicy"], problems, "Always", "IfNotPresent", "Never");
        Checks.OneOf(container["terminationMessagePolicy"], problems, "FallbackToLogsOnError", "File");
        Ports(container["ports"], problems);
        EnvRules.Validate(container, problems);
        Mounts(container["volumeMounts"], volumes, problems);
        Resources(container["resources"], problems);
        SecurityRules.Container(container["securityContext"], problems);
        var sidecar = role == ContainerRole.Init && container["restartPolicy"].Text == "Always";
        Handlers(container, role == ContainerRole.Main || sidecar, role, problems);
    }

    private static void Handlers(Field container, bool allowed, ContainerRole role, Problems problems)
    {
        foreach (var name in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"])
        {
            if (!allowed && container[name].IsSet)
            {
                problems.Forbidden(
                    container[name].Path, role == ContainerRole.Init ? "may not be set for init containers without restartPolicy=Always" : "cannot be set for an Ephemeral Container");
            }
        }

        if (!allowed)
        {
            return;
        }

        ProbeRules.Validate(container["livenessProbe"], problems, onlyOneSuccess: true);
        ProbeRules.Validate(container["readinessProbe"], problems, onlyOneSuccess: false);
        ProbeRules.Validate(container["startupProbe"], problems, onlyOneSuccess: true);
        foreach (var hook in (ReadOnlySpan<string>)["postStart", "preStop"])
        {
            if (container["lifecycle"][hook].IsSet)
            {
                ProbeRules.Handler(container["lifecycle"][hook], problems, "exec", "httpGet", "sleep", "tcpSocket");
            }
        }
    }

    private static void Ports(Field ports, Problems problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in ports.Items)
        {
            if (!port["name"].IsEmpty)
            {
                Checks.Name(port["name"], problems, Names.PortName);
                if (!names.Add(port["name"].Text ?? ""))
                {
                    problems.Duplicate(port["name"]);
                }
            }

            if (port["containerPort"].Number is null or 0)
            {
                problems.Required(port["containerPort"].Path);
            }
            else
            {
                Checks.Port(port["containerPort"], problems);
            }

            if (port["hostPort"].Number is not (null or 0))
            {
                Checks.Port(port["hostPort"], problems);
            }

            Checks.OneOf(port["protocol"], problems, "SCTP", "TCP", "UDP");
            if (port["hostIP"].Text is { Length: > 0 } text && !Addresses.TryParse(text, out _))
            {
                problems.Invalid(port["hostIP"], "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }
        }
    }

    private static void Mounts(Field mounts, HashSet<string> volumes, Problems problems)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mount in mounts.Items)
        {
            if (Checks.Need(mount["name"], problems) && !volumes.Contains(mount["name"].Text ?? ""))
            {
                problems.NotFound(mount["name"]);
            }

            if (Checks.Need(mount["mountPath"], problems) && !paths.Add(mount["mountPath"].Text ?? ""))
            {
                problems.Invalid(mount["mountPath"], "must be unique");
            }

            if (!mount["subPath"].IsEmpty && !mount["subPathExpr"].IsEmpty)
            {
                problems.Invalid(mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive");
            }

            VolumeRules.RelativePath(mount["subPath"], problems);
            VolumeRules.RelativePath(mount["subPathExpr"], problems);
            Checks.OneOf(mount["mountPropagation"], problems, "Bidirectional", "HostToContainer", "None");
        }
    }

    private static void Resources(Field resources, Problems problems)
    {
        Checks.Amounts(resources["limits"], problems);
        Checks.Amounts(resources["requests"], problems);
        foreach (var (name, request) in resources["requests"].Entries)
        {
            if (Checks.Amount(resources["limits"][name]) is { } limit && Checks.Amount(request) > limit)
            {
                problems.Invalid(resources["requests"].Path, request.Node, $"must be less than or equal to {name} limit of {resources["limits"][name].Text ?? resources["limits"][name].Node?.ToJsonString()}");
            }
        }
    }
}
