using Portico.Api.Objects;

namespace Portico.Controllers.Conditions;

internal static class ConditionList
{
    public static Condition? Find(this IReadOnlyList<Condition> conditions, string type)
    {
        foreach (var condition in conditions)
        {
            if (condition.Type == type)
            {
                return condition;
            }
        }

        return null;
    }

    public static bool IsTrue(this IReadOnlyList<Condition> conditions, string type) => conditions.Find(type) is { Status: "True" };

    public static IReadOnlyList<Condition> Without(this IReadOnlyList<Condition> conditions, string type) =>
        conditions.Find(type) is null ? conditions : [.. conditions.Where(condition => condition.Type != type)];

    /// <summary>
    /// Sets a condition as the workload controllers do: one with the same status and reason stays as it is, and the transition time
    /// moves only when the status does.
    /// </summary>
    public static IReadOnlyList<Condition> With(this IReadOnlyList<Condition> conditions, Condition condition)
    {
        var current = conditions.Find(condition.Type);
        if (current is not null && current.Status == condition.Status && current.Reason == condition.Reason)
        {
            return conditions;
        }

        if (current is not null && current.Status == condition.Status)
        {
            condition = condition with { LastTransitionTime = current.LastTransitionTime };
        }

        return [.. conditions.Where(other => other.Type != condition.Type), condition];
    }
}
