namespace Portico.Api.Validation.Pods;

/// <summary>Security contexts of pods and containers.</summary>
internal static class SecurityRules
{
    public static void Pod(Field context, Problems problems)
    {
        Ids(context, problems);
        Id(context["fsGroup"], problems);
        foreach (var group in context["supplementalGroups"].Items)
        {
            Id(group, problems);
        }

        Checks.OneOf(context["fsGroupChangePolicy"], problems, "Always", "OnRootMismatch");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sysctl in context["sysctls"].Items)
        {
            if (Checks.Need(sysctl["name"], problems) && !names.Add(sysctl["name"].Text ?? ""))
            {
                problems.Duplicate(sysctl["name"]);
            }
        }
    }

    public static void Container(Field context, Problems problems)
    {
        Ids(context, problems);
        if (context["allowPrivilegeEscalation"].Flag == false)
        {
            if (context["privileged"].Flag == true)
            {
                problems.Invalid(context.Path, context.Node, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
            }

            if (context["capabilities"]["add"].Items.Any(static name => name.Text is "CAP_SYS_ADMIN"))
            {
                problems.Invalid(context.Path, context.Node, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }

        Checks.OneOf(context["procMount"], problems, "Default", "Unmasked");
    }

    private static void Ids(Field context, Problems problems)
    {
        Id(context["runAsUser"], problems);
        Id(context["runAsGroup"], problems);
        foreach (var profile in (ReadOnlySpan<string>)["seccompProfile", "appArmorProfile"])
        {
            var type = context[profile]["type"];
            Checks.OneOf(type, problems, "Localhost", "RuntimeDefault", "Unconfined");
            if (type.Text == "Localhost")
            {
                Checks.Need(context[profile]["localhostProfile"], problems, "must be set when type is Localhost");
            }
        }
    }

    // A Linux user or group id.
    private static void Id(Field id, Problems problems) => Checks.Range(id, problems, 0, int.MaxValue);
}
