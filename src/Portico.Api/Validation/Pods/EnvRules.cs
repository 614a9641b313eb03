using System.Text.Json.Nodes;

namespace Portico.Api.Validation.Pods;

/// <summary>Environment variables of a container.</summary>
internal static class EnvRules
{
    private static readonly string[] Fields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP",
        "status.podIPs",
    ];

    private static readonly string[] Sources = ["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"];

    public static void Validate(Field container, Problems problems)
    {
        foreach (var variable in container["env"].Items)
        {
            if (Checks.Need(variable["name"], problems))
            {
                Checks.Name(variable["name"], problems, Names.EnvName);
            }

            if (variable["valueFrom"].IsSet)
            {
                Source(variable, problems);
            }
        }

        foreach (var source in container["envFrom"].Items)
        {
            if (!source["prefix"].IsEmpty)
            {
                Checks.Name(source["prefix"], problems, Names.EnvName);
            }

            var map = source["configMapRef"];
            var secret = source["secretRef"];
            if (map.IsSet && secret.IsSet)
            {
                problems.Invalid(source.Path, JsonValue.Create(""), "may not have more than one field specified at a time");
            }
            else if (!map.IsSet && !secret.IsSet)
            {
                problems.Invalid(source.Path, JsonValue.Create(""), "must specify one of: `configMapRef` or `secretRef`");
            }
            else
            {
                Checks.Need(map.IsSet ? map["name"] : secret["name"], problems);
            }
        }
    }

    /// <summary>A field of the pod, for a variable or a file.</summary>
    public static void FieldPath(Field reference, Problems problems, params ReadOnlySpan<string> allowed)
    {
        var path = reference["fieldPath"];
        if (!Checks.Need(path, problems))
        {
            return;
        }

        var text = path.Text ?? "";
        var isEntry = (text.StartsWith("metadata.labels['", StringComparison.Ordinal) || text.StartsWith("metadata.annotations['", StringComparison.Ordinal))
            && text.EndsWith("']", StringComparison.Ordinal);
        if (!isEntry && !allowed.Contains(text))
        {
            problems.NotSupported(path, allowed.ToArray());
        }
    }

    private static void Source(Field variable, Problems problems)
    {
        var from = variable["valueFrom"];
        var given = 0;
        foreach (var name in Sources)
        {
            if (from[name].IsSet)
            {
                given++;
            }
        }

        if (!variable["value"].IsEmpty)
        {
            problems.Invalid(from.Path, JsonValue.Create(""), "may not be specified when `value` is not empty");
        }

        if (given != 1)
        {
            problems.Invalid(
                from.Path, JsonValue.Create(""),
                given == 0 ? "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`" : "may not have more than one field specified at a time");
        }

        if (from["fieldRef"].IsSet)
        {
            FieldPath(from["fieldRef"], problems, Fields);
        }

        foreach (var name in (ReadOnlySpan<string>)["configMapKeyRef", "secretKeyRef"])
        {
            if (!from[name].IsSet)
            {
                continue;
            }

            Checks.Need(from[name]["name"], problems);
            if (Checks.Need(from[name]["key"], problems))
            {
                Checks.Name(from[name]["key"], problems, Names.ConfigKey);
            }
        }

        if (from["resourceFieldRef"].IsSet)
        {
            Checks.Need(from["resourceFieldRef"]["resource"], problems);
        }
    }
}
