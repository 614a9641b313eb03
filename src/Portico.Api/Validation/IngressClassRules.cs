using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>networking/v1 IngressClass.</summary>
internal sealed class IngressClassRules : IObjectRules
{
    private const int MaxController = 250;

    public void Default(JsonObject item)
    {
        if (new Field(item, "")["spec"]["parameters"].Object is { } parameters)
        {
            parameters.Set("scope", "Cluster");
        }
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var controller = item["spec"]["controller"];
        if (old.IsSet)
        {
            Checks.Immutable(controller, old["spec"]["controller"], problems);
        }
        else if (Checks.Need(controller, problems))
        {
            if (controller.Text is { Length: > MaxController })
            {
                problems.TooLong(controller.Path, MaxController);
            }

            var slash = controller.Text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
            if (slash <= 0 || Names.Subdomain(controller.Text![..slash]) is not null || slash == controller.Text.Length - 1)
            {
                problems.Invalid(controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
            }
        }

        var parameters = item["spec"]["parameters"];
        if (!parameters.IsSet)
        {
            return;
        }

        Checks.Need(parameters["kind"], problems);
        Checks.Need(parameters["name"], problems);
        Checks.OneOf(parameters["scope"], problems, "Cluster", "Namespace");
        var @namespace = parameters["namespace"];
        if (parameters["scope"].Text == "Namespace")
        {
            Checks.Need(@namespace, problems, "`parameters.scope` is set to 'Namespace'");
        }
        else if (@namespace.IsSet)
        {
            problems.Forbidden(@namespace.Path, "`parameters.scope` is set to 'Cluster'");
        }
    }
}
