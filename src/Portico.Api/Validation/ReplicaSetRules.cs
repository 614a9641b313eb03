using System.Text.Json.Nodes;
using Portico.Api.Validation.Pods;

namespace Portico.Api.Validation;

/// <summary>apps/v1 ReplicaSet, and what Deployments share with it.</summary>
internal sealed class ReplicaSetRules : IObjectRules
{
    public void Default(JsonObject item)
    {
        if (item.Child("spec") is { } spec)
        {
            spec.Set("replicas", 1);
            PodDefaults.Template(spec);
        }
    }

    public void Validate(Field item, Field old, Problems problems) => Replicated(item["spec"], old["spec"], "replicaset", problems);

    public static void Replicated(Field spec, Field old, string kind, Problems problems)
    {
        Checks.NonNegative(spec["replicas"], problems);
        Checks.NonNegative(spec["minReadySeconds"], problems);
        var selector = spec["selector"];
        var template = spec["template"];
        var labels = template["metadata"]["labels"];
        if (!selector.IsSet)
        {
            problems.Required(selector.Path);
        }
        else
        {
            LabelSelectorRules.Validate(selector, problems);
            if (LabelSelectorRules.IsEmpty(selector))
            {
                problems.Invalid(selector, $"empty selector is invalid for {kind}");
            }
            else if (template.IsSet && !LabelSelectorRules.Matches(selector, labels))
            {
                problems.Invalid(labels.Path, labels.Node ?? new JsonObject(), "`selector` does not match template `labels`");
            }
        }

        if (old.IsSet)
        {
            Checks.Immutable(selector, old["selector"], problems);
        }

        if (!template.IsSet)
        {
            problems.Required(template.Path);
            return;
        }

        MetadataRules.Labels(labels, problems);
        MetadataRules.Annotations(template["metadata"]["annotations"], problems);
        var pod = template["spec"];
        PodSpecRules.Validate(pod, problems);
        if (pod["restartPolicy"].Text is { } policy and not "Always" && policy is "OnFailure" or "Never")
        {
            problems.NotSupported(pod["restartPolicy"], "Always");
        }

        if (pod["activeDeadlineSeconds"].IsSet)
        {
            problems.Forbidden(pod["activeDeadlineSeconds"].Path, $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }
}
