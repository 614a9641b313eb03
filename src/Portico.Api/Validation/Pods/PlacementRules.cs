using System.Text.Json.Nodes;

namespace Portico.Api.Validation.Pods;

/// <summary>Where a pod may be placed: tolerations, affinity, spreading.</summary>
internal static class PlacementRules
{
    public static void Validate(Field spec, Problems problems)
    {
        foreach (var toleration in spec["tolerations"].Items)
        {
            Toleration(toleration, problems);
        }

        var nodes = spec["affinity"]["nodeAffinity"];
        var required = nodes["requiredDuringSchedulingIgnoredDuringExecution"];
        if (required.IsSet)
        {
            Checks.Need(required["nodeSelectorTerms"], problems, "must have at least one node selector term");
        }

        foreach (var term in required["nodeSelectorTerms"].Items)
        {
            NodeTerm(term, problems);
        }

        foreach (var preferred in nodes["preferredDuringSchedulingIgnoredDuringExecution"].Items)
        {
            Weight(preferred["weight"], problems);
            NodeTerm(preferred["preference"], problems);
        }

        Pods(spec["affinity"]["podAffinity"], problems);
        Pods(spec["affinity"]["podAntiAffinity"], problems);
        Spread(spec["topologySpreadConstraints"], problems);
    }

    private static void Toleration(Field toleration, Problems problems)
    {
        var key = toleration["key"];
        var @operator = toleration["operator"];
        if (!key.IsEmpty)
        {
            Checks.Name(key, problems, Names.Qualified);
        }
        else if (@operator.Text != "Exists")
        {
            problems.Invalid(@operator.Path, @operator.Node ?? JsonValue.Create(""), "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }

        if (toleration["tolerationSeconds"].IsSet && toleration["effect"].Text != "NoExecute")
        {
            problems.Invalid(toleration["effect"].Path, toleration["effect"].Node ?? JsonValue.Create(""), "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }

        if (@operator.Text == "Exists" && !toleration["value"].IsEmpty)
        {
            problems.Invalid(toleration["value"], "value must be empty when `operator` is 'Exists'");
        }

        if (!@operator.IsEmpty)
        {
            Checks.OneOf(@operator, problems, "Equal", "Exists", "Gt", "Lt");
        }

        if (!toleration["effect"].IsEmpty)
        {
            Checks.OneOf(toleration["effect"], problems, "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }

    private static void NodeTerm(Field term, Problems problems)
    {
        foreach (var expression in term["matchExpressions"].Items.Concat(term["matchFields"].Items))
        {
            Checks.Need(expression["key"], problems);
            // Nodes are also compared by number.
            if (expression["operator"].Text is not ("Gt" or "Lt"))
            {
                LabelSelectorRules.Operator(expression, problems);
            }
            else if (expression["values"] is { List: not { Count: 1 } } values)
            {
                problems.Required(values.Path, "must be specified single value when `operator` is 'Lt' or 'Gt'");
            }
        }
    }

    private static void Pods(Field affinity, Problems problems)
    {
        foreach (var term in affinity["requiredDuringSchedulingIgnoredDuringExecution"].Items)
        {
            PodTerm(term, problems);
        }

        foreach (var preferred in affinity["preferredDuringSchedulingIgnoredDuringExecution"].Items)
        {
            Weight(preferred["weight"], problems);
            PodTerm(preferred["podAffinityTerm"], problems);
        }
    }

    private static void PodTerm(Field term, Problems problems)
    {
        LabelSelectorRules.Validate(term["labelSelector"], problems);
        LabelSelectorRules.Validate(term["namespaceSelector"], problems);
        if (Checks.Need(term["topologyKey"], problems, "can not be empty"))
        {
            Checks.Name(term["topologyKey"], problems, Names.Qualified);
        }
    }

    private static void Weight(Field weight, Problems problems)
    {
        if (weight.Number is < 1 or > 100)
        {
            problems.Invalid(weight, "must be in the range 1-100");
        }
    }

    private static void Spread(Field constraints, Problems problems)
    {
        var seen = new HashSet<(string?, string?)>();
        foreach (var constraint in constraints.Items)
        {
            Checks.Positive(constraint["maxSkew"], problems);
            Checks.Positive(constraint["minDomains"], problems);
            if (Checks.Need(constraint["topologyKey"], problems, "can not be empty"))
            {
                Checks.Name(constraint["topologyKey"], problems, Names.Qualified);
            }

            Checks.OneOf(constraint["whenUnsatisfiable"], problems, "DoNotSchedule", "ScheduleAnyway");
            LabelSelectorRules.Validate(constraint["labelSelector"], problems);
            if (!seen.Add((constraint["topologyKey"].Text, constraint["whenUnsatisfiable"].Text)))
            {
                problems.Duplicate(constraint);
            }
        }
    }
}
