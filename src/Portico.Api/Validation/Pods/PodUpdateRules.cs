using System.Text.Json.Nodes;

namespace Portico.Api.Validation.Pods;

/// <summary>
/// A pod's spec can't change, with a few exceptions (ValidatePodUpdate). One is ours: nodeName may be set where there was none,
/// because the server stores a binding as an update.
/// </summary>
internal static class PodUpdateRules
{
    private const string Detail =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
        + "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public static void Validate(Field spec, Field old, Problems problems)
    {
        if (spec.Same(old))
        {
            return;
        }

        ActiveDeadline(spec["activeDeadlineSeconds"], old["activeDeadlineSeconds"], problems);
        Tolerations(spec["tolerations"], old["tolerations"], problems);
        if (spec.Node?.DeepClone() is not JsonObject changed || old.Object is not { } before)
        {
            return;
        }

        Images(changed, before, "containers");
        Images(changed, before, "initContainers");
        Copy("activeDeadlineSeconds", before, changed);
        Copy("tolerations", before, changed);
        if (old["terminationGracePeriodSeconds"].Number < 0 && spec["terminationGracePeriodSeconds"].Number == 1)
        {
            Copy("terminationGracePeriodSeconds", before, changed);
        }

        if (old["nodeName"].IsEmpty)
        {
            Copy("nodeName", before, changed);
        }

        // Debugging containers come by their own subresource, gates only go.
        Copy("ephemeralContainers", before, changed);
        if (FewerGates(spec["schedulingGates"], old["schedulingGates"]))
        {
            Copy("schedulingGates", before, changed);
        }

        if (!JsonNode.DeepEquals(changed, before))
        {
            problems.Forbidden("spec", $"{Detail}; changed: {string.Join(", ", Changed(changed, before))}");
        }
    }

    private static IEnumerable<string> Changed(JsonObject now, JsonObject before)
    {
        foreach (var name in now.Select(static pair => pair.Key).Union(before.Select(static pair => pair.Key)))
        {
            if (!JsonNode.DeepEquals(now[name], before[name]))
            {
                yield return $"spec.{name}";
            }
        }
    }

    private static void ActiveDeadline(Field now, Field before, Problems problems)
    {
        if (before.Number is not { } old)
        {
            return;
        }

        if (now.Number is not { } number)
        {
            problems.Invalid(now.Path, null, "must not update from a positive integer to nil value");
        }
        else if (number > old)
        {
            problems.Invalid(now, "must be less than or equal to previous value");
        }
    }

    private static void Tolerations(Field now, Field before, Problems problems)
    {
        foreach (var old in before.Items)
        {
            if (!now.Items.Any(item => SameButSeconds(item, old)))
            {
                problems.Forbidden(now.Path, "existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }
    }

    private static bool SameButSeconds(Field left, Field right) =>
        left["key"].Text == right["key"].Text && left["operator"].Text == right["operator"].Text
        && left["value"].Text == right["value"].Text && left["effect"].Text == right["effect"].Text;

    private static bool FewerGates(Field now, Field before)
    {
        var known = before.Items.Select(static gate => gate["name"].Text).ToHashSet();
        return now.Items.All(gate => known.Contains(gate["name"].Text));
    }

    private static void Images(JsonObject changed, JsonObject before, string list)
    {
        var olds = before.Objects(list).ToList();
        var index = 0;
        foreach (var container in changed.Objects(list))
        {
            if (index < olds.Count)
            {
                Copy("image", olds[index++], container);
            }
        }
    }

    private static void Copy(string name, JsonObject from, JsonObject to)
    {
        if (from[name] is { } value)
        {
            to[name] = value.DeepClone();
        }
        else
        {
            to.Remove(name);
        }
    }
}
