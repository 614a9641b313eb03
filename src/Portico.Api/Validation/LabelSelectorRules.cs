using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>A label selector in a spec, and whether labels fit it.</summary>
internal static class LabelSelectorRules
{
    public static void Validate(Field selector, Problems problems)
    {
        MetadataRules.Labels(selector["matchLabels"], problems);
        foreach (var expression in selector["matchExpressions"].Items)
        {
            Expression(expression, problems);
        }
    }

    /// <summary>That an expression's operator is known and has as many values as it takes.</summary>
    public static void Operator(Field expression, Problems problems)
    {
        var values = expression["values"];
        switch (expression["operator"].Text)
        {
            case "In" or "NotIn":
                Checks.Need(values, problems, "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist":
                if (!values.IsEmpty)
                {
                    problems.Forbidden(values.Path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }

                break;
            default:
                problems.Invalid(expression["operator"].Path, expression["operator"].Node ?? JsonValue.Create(""), "not a valid selector operator");
                break;
        }
    }

    public static bool IsEmpty(Field selector) => selector["matchLabels"].IsEmpty && selector["matchExpressions"].IsEmpty;

    public static bool Matches(Field selector, Field labels)
    {
        foreach (var (key, value) in selector["matchLabels"].Entries)
        {
            if (labels[key].Text is not { } text || text != value.Text)
            {
                return false;
            }
        }

        foreach (var expression in selector["matchExpressions"].Items)
        {
            var text = labels[expression["key"].Text ?? ""].Text;
            var listed = text is not null && expression["values"].Items.Any(value => value.Text == text);
            var holds = expression["operator"].Text switch
            {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => text is not null,
                "DoesNotExist" => text is null,
                _ => false,
            };
            if (!holds)
            {
                return false;
            }
        }

        return true;
    }

    private static void Expression(Field expression, Problems problems)
    {
        var key = expression["key"];
        if (Checks.Need(key, problems))
        {
            Checks.Name(key, problems, Names.Qualified);
        }

        Operator(expression, problems);
        foreach (var value in expression["values"].Items)
        {
            Checks.Name(value, problems, Names.LabelValue);
        }
    }
}
