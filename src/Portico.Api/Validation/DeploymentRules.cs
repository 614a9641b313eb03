using System.Text.Json.Nodes;
using Portico.Api.Validation.Pods;

namespace Portico.Api.Validation;

/// <summary>apps/v1 Deployment.</summary>
internal sealed class DeploymentRules : IObjectRules
{
    public void Default(JsonObject item)
    {
        if (item.Child("spec") is not { } spec)
        {
            return;
        }

        spec.Set("replicas", 1);
        spec.Set("revisionHistoryLimit", 10);
        spec.Set("progressDeadlineSeconds", 600);
        if (spec.Child("strategy") is { } strategy)
        {
            strategy.Set("type", "RollingUpdate");
            if (new Field(strategy, "")["type"].Text == "RollingUpdate" && strategy.Child("rollingUpdate") is { } limits)
            {
                limits.Set("maxUnavailable", "25%");
                limits.Set("maxSurge", "25%");
            }
        }

        PodDefaults.Template(spec);
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var spec = item["spec"];
        ReplicaSetRules.Replicated(spec, old["spec"], "deployment", problems);
        Strategy(spec["strategy"], problems);
        Checks.NonNegative(spec["revisionHistoryLimit"], problems);
        var deadline = spec["progressDeadlineSeconds"];
        Checks.NonNegative(deadline, problems);
        if (deadline.Number <= (spec["minReadySeconds"].Number ?? 0))
        {
            problems.Invalid(deadline, "must be greater than minReadySeconds");
        }
    }

    private static void Strategy(Field strategy, Problems problems)
    {
        var limits = strategy["rollingUpdate"];
        switch (strategy["type"].Text)
        {
            case null:
                break;
            case "Recreate":
                if (limits.IsSet)
                {
                    problems.Forbidden(limits.Path, "may not be specified when strategy `type` is 'Recreate'");
                }

                break;
            case "RollingUpdate":
                Limits(limits, problems);
                break;
            default:
                problems.NotSupported(strategy["type"], "Recreate", "RollingUpdate");
                break;
        }
    }

    private static void Limits(Field limits, Problems problems)
    {
        var unavailable = limits["maxUnavailable"];
        var surge = limits["maxSurge"];
        Checks.CountOrPercent(unavailable, problems);
        Checks.CountOrPercent(surge, problems);
        if (IsZero(unavailable) && IsZero(surge))
        {
            problems.Invalid(unavailable, "may not be 0 when `maxSurge` is 0");
        }

        if (Checks.Percent(unavailable) > 100)
        {
            problems.Invalid(unavailable, "must not be greater than 100%");
        }
    }

    private static bool IsZero(Field limit) => limit.Number == 0 || Checks.Percent(limit) == 0;
}
